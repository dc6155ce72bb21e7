package rdvsptest

import "regexp"

// beyond lists the routes of the API that no document has, and how they are known.
var beyond = map[string]string{
	"GET /api/v1/agents/me":                 "in use by a production client; documented in words for whoever signs agents in",
	"GET /api/v1/lieux":                     "in a later revision of the routes",
	"PATCH /api/v1/participations/{id}":     "left out of the documents on purpose (document: false), in use by two clients",
	"PATCH /api/v1/rdvs/{id}/update_status": "in use by a production client",
}

// exception is something that is known to be otherwise than a document says.
type exception struct {
	said *regexp.Regexp // what would be held against the request or the answer
	why  string
}

// exceptions are all of them. A test sees that each is needed.
var exceptions = []exception{
	// The document of 2024 is older than what is answered here.
	{regexp.MustCompile(`^2024-10 .*property "case_number" is missing`), "the field was dropped in 2025"},
	{regexp.MustCompile(`^2024-10 .* 422: /success: property "success" is missing`), "dropped in 2025"},
	{regexp.MustCompile(`^2024-10 .*/motif/service_id: Value is not nullable|^2024-10 .*/motifs/\d+/service_id: Value is not nullable`), "nullable since 2025"},
	{regexp.MustCompile(`^2024-10 GET /api/v1/organisations/\{organisation_id\}/rdvs: the parameter (user_id|agent_id) is not documented`), "since 2025"},

	// The schemas of both say less than their own examples, or than what is seen.
	{regexp.MustCompile(`/motif_category: Value is not nullable`), "null for a motif without a category, by the software's own shape"},
	{regexp.MustCompile(`/lieu: Value is not nullable`), "null for a rdv by telephone, at home or by video"},
	{regexp.MustCompile(`/agents/\d+/email: Value is not nullable`), "desks (intervenants) have no e-mail"},
	{regexp.MustCompile(`/location_type: value is not one of the allowed values \["public_office","phone","home"\]`), "visio is newer than the schema"},

	// Parameters that are written for an address, or are read and not listed.
	{regexp.MustCompile(`organisation_ids /\d+: value must be a string`), "identifiers are numbers in a body, as in every answer"},
	{regexp.MustCompile(`/rdvs: the parameter page is not documented`), "every list is in pages, the documents say in words"},
	{regexp.MustCompile(`GET /api/v1/rdvs: the parameter status is not documented`), "in a later revision"},
	{regexp.MustCompile(`/motifs: the parameter motif_category_short_name is not documented`), "read, and answered by 500: the answer is what a test is after"},
	{regexp.MustCompile(`/webhook_endpoints.*: the field trigger is not documented`), "read since 2024, without effect when it is false"},

	// Statuses that are answered and not listed.
	{regexp.MustCompile(`/api/v1/.*: 429 is not documented`), "every route is counted since a later revision"},
	{regexp.MustCompile(`GET /api/v1/rdvs: 401 is not documented`), "the words say that nearly all is for signed-in agents"},
	{regexp.MustCompile(`/motifs: 500 is not documented`), "a mistake of theirs, for a foreign organisation"},
	{regexp.MustCompile(`/webhook_endpoints.*: 403 is not documented`), "only administrators of the territory may write"},
	{regexp.MustCompile(`/webhook_endpoints/.*: 404 is not documented`), "an endpoint that is not there"},
	{regexp.MustCompile(`POST /api/v1/users: 403 is not documented`), "a foreign organisation"},
	{regexp.MustCompile(`(GET /api/v1/users|rdv_invitation_token).*: 404 is not documented`), "the same routes under an organisation have it"},
	{regexp.MustCompile(`^visioplainte .*: 401 is not documented`), "the words say that there is a key"},
	{regexp.MustCompile(`^visioplainte GET .*: 400 is not documented`), "for a time that is missing or too long"},
	{regexp.MustCompile(`^visioplainte .*/rdvs/\{id\}.*: 404 is not documented`), "for a rdv that is not there"},
}

// known reports whether something that a document does not allow is allowed all the same.
func known(except []exception, said string) bool {
	for _, e := range except {
		if e.said.MatchString(said) {
			return true
		}
	}
	return false
}
