// Package web is the pages that people open, an http.Handler: where a structure answers a request (/demandes/{jeton}),
// where it lets the gateway into its agenda's software (/consentement/{jeton}), and where people sign in and see what they
// may do (/connexion, /compte). They are in plain French, for an old computer, a keyboard and a screen reader: HTML
// without a script, and nothing from elsewhere.
//
// It owns the pages' words, their headers and what a form may say. That a page was opened decides nothing: programs
// open the links of mails before people do. It must not know how links are signed, how providers are asked, how
// appointments are kept or how anybody is told, and it never writes a link, or anything of a person, into a log.
package web
