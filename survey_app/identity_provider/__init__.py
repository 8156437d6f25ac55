"""Signing in at another house's provider (OpenID Connect): addresses, answers, what it vouches for.

The authorization code flow with PKCE (S256), state and nonce. Authlib makes the requests and checks
the claims, joserfc the signature; what goes over the network is in ``conversation``. Nothing here
knows accounts: who somebody is at the provider is told (:class:`ToldIdentity`), whose account that
is decides an administrator.
"""

from survey_app.identity_provider.logout_tokens import ToldLogout as ToldLogout
from survey_app.identity_provider.provider import IdentityProvider as IdentityProvider
from survey_app.identity_provider.provider import Journey as Journey
from survey_app.identity_provider.tokens import ToldIdentity as ToldIdentity
