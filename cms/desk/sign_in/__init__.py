"""How staff sign in: password, second factor, passkeys, recovery codes, and where one is signed in.

django-allauth does it; here is what is ours: the look, the addresses, what is required and what is recorded.
"""
