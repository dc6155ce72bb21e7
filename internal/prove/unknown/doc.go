// Package unknown shows that unknown outcomes end right: a Service of real parts books in an agenda that loses requests,
// loses answers, applies late, applies twice and answers 5xx after applying, on a clock that the test holds. At the end
// nothing stands in the agenda that the ledger does not hold, nothing is lost, everything is settled or given to people,
// and everybody was told.
package unknown
