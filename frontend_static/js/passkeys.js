// Passkeys: the buttons appear where the browser knows them, and a failure is said instead of only logged.
(function () {
  const able = Boolean(window.PublicKeyCredential)
  for (const button of document.querySelectorAll('[data-passkey]')) button.hidden = !able
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    for (const words of document.querySelectorAll('[data-passkey-failed]')) words.hidden = false
  })
})()
