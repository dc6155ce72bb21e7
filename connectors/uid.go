package connectors

import "strings"

// uidDomain is the right-hand side of the UID of every event that the gateway writes (RFC 5545 §3.8.4.7).
const uidDomain = "@passerelle"

// UIDOf is the UID of the event that stands for an appointment in somebody's calendar. It depends on the reference
// alone, so that a retry writes the same event and never a second one.
func UIDOf(reference string) string { return reference + uidDomain }

// ReferenceOf is the reference that a UID bears, if the gateway gave it. Whether to believe it is for the domain:
// anybody may write such a UID into a calendar.
func ReferenceOf(uid string) (reference string, ours bool) {
	reference, ours = strings.CutSuffix(uid, uidDomain)
	return reference, ours && reference != ""
}

// Ours reports whether the gateway gave a UID.
func Ours(uid string) bool {
	_, ours := ReferenceOf(uid)
	return ours
}
