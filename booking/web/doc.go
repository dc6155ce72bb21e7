// Package web is the pages that people open, an http.Handler. Today there are two: where a structure answers a request
// (/demandes/{jeton}), and where it lets the gateway into its agenda's software (/consentement/{jeton}), in plain French, for an old computer, a keyboard and a screen reader: HTML without a script,
// and nothing from elsewhere.
//
// It owns the pages' words, their headers and what a form may say. That a page was opened decides nothing: programs
// open the links of mails before people do. It must not know how links are signed, how appointments are kept or how
// anybody is told, and it never writes a link, or anything of a person, into a log.
package web
