package ledgertest

import (
	"testing"
	"time"

	"passerelle/booking"
	"passerelle/internal/held"
)

// Ledger is what a ledger is asked for by the domain, and by whoever tells people.
type Ledger interface {
	booking.Ledger
	booking.Outbox
}

// Fixture is a fresh ledger on a clock that the test holds.
type Fixture struct {
	Ledger
	Clock *held.Clock
	// Count runs a query that gives one number, past the ledger.
	Count func(t testing.TB, query string) int
	// Unprotect drops the rule that no two claims overlap.
	Unprotect func(t testing.TB)
}

// Open makes a fixture; it is closed with the test. Its clock begins at Epoch.
type Open func(t testing.TB) *Fixture

// Epoch is when every fixture begins: a Monday, 10 o'clock in Paris.
var Epoch = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Open)
	}{
		{"an agenda is taken once", anAgendaIsTakenOnce},
		{"a refused claim leaves no trace", aRefusedClaimLeavesNoTrace},
		{"no overlap under contention", noOverlapUnderContention},
		{"without the rule, contention overlaps", withoutTheRuleContentionOverlaps},
		{"an expired hold is in nobody's way", anExpiredHoldIsInNobodysWay},
		{"a hold that expired cannot be booked", aHoldThatExpiredCannotBeBooked},
		{"a hold is prolonged once", aHoldIsProlongedOnce},
		{"seats of a group session", seatsOfAGroupSession},
		{"a capacity that shrank is kept", aCapacityThatShrankIsKept},
		{"a session is as long as its longest buffer", aSessionIsAsLongAsItsLongestBuffer},
		{"seats are given once under contention", seatsAreGivenOnceUnderContention},
		{"cancelling brings the slot back", cancellingBringsTheSlotBack},
		{"a change behind one's back is seen", aChangeBehindOnesBackIsSeen},
		{"claims follow the machine", claimsFollowTheMachine},
		{"a key is recorded once", aKeyIsRecordedOnce},
		{"a refusal is recorded for its call", aRefusalIsRecordedForItsCall},
		{"a partner sees only its own", aPartnerSeesOnlyItsOwn},
		{"lists are by modification and without holds", listsAreByModificationAndWithoutHolds},
		{"an appointment does not go back in time", anAppointmentDoesNotGoBackInTime},
		{"a skewed clock ends nobody's hold", aSkewedClockEndsNobodysHold},
		{"a request that expired cannot be accepted", aRequestThatExpiredCannotBeAccepted},
		{"a move takes the new slot and frees the old one at once", aMoveIsOneStep},
		{"a move may overlap what it leaves", aMoveMayOverlapWhatItLeaves},
		{"a move under way lets nothing else happen", aMoveUnderWayLetsNothingElseHappen},
		{"a person is expected once at a time", aPersonIsExpectedOnceAtATime},
		{"another partner's person is never compared", anotherPartnersPersonIsNeverCompared},
		{"an orientation takes no time until it has one", anOrientationTakesNoTime},
		{"an orientation is followed while it may change", anOrientationIsFollowed},
		{"a debt is carried out by one", aDebtIsCarriedOutByOne},
		{"a debt counts absences in a row", aDebtCountsAbsencesInARow},
		{"messages go in order", messagesGoInOrder},
		{"a doubt is told later, unless there is news", aDoubtIsToldLaterUnlessThereIsNews},
		{"a reminder waits while the appointment is as it was", aReminderWaitsWhileTheAppointmentIsAsItWas},
		{"a reminder goes with the appointment", aReminderGoesWithTheAppointment},
		{"a reminder holds up nothing, and is held up by nothing but what came before", aReminderHoldsUpNothing},
		{"the log has no gap under contention", theLogHasNoGapUnderContention},
		{"the log shows no hold and no other partner", theLogShowsNoHoldAndNoOtherPartner},
		{"erased is erased", erasedIsErased},
		{"a chain is erased once all of it is over", aChainIsErasedOnceAllOfItIsOver},
		{"a move brings nothing back of what is erased", aMoveBringsNothingBack},
		{"what is kept of a person is found, and by her partner only", whatIsKeptOfAPersonIsFound},
		{"what was kept for a time goes", whatWasKeptForATimeGoes},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open) })
	}
}

func start(t *testing.T, open Open) (Ledger, *held.Clock) {
	t.Helper()
	f := open(t)
	return f.Ledger, f.Clock
}
