// Package auth decides which programs call (people sign in by auth/signin): the partners and their scopes, their secrets, the tokens that they are given
// and the one place where a token is verified (Verifier). It holds the program's master secret, from which every
// other key is derived (Keyring).
//
// It must not know of a web framework, of the ledger (which implements Partners), nor of what a scope opens: the
// API says that. No other package handles JSON Web Tokens.
package auth
