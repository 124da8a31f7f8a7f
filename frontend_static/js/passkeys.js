// Passkeys: the buttons appear where the browser knows them, and a failure is said instead of only logged.
(function () {
  // A key is of a name; browsers make none for an address of numbers.
  const named = !/^(\[.*\]|[\d.]+)$/.test(location.hostname)
  const able = Boolean(window.PublicKeyCredential) && named
  for (const button of document.querySelectorAll('[data-passkey]')) button.hidden = !able
  for (const words of document.querySelectorAll('[data-passkey-unnamed]')) words.hidden = named
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    for (const words of document.querySelectorAll('[data-passkey-failed]')) words.hidden = false
  })
})()
