package ledger

// point is a moment of a transaction at which a program may end: the proofs of crashes (internal/prove) end it there.
type point string

const (
	beforeBegin  point = "before-begin"  // nothing of the transaction is done
	beforeCommit point = "before-commit" // all of it is done, none of it is kept
	afterCommit  point = "after-commit"  // it is kept, and nobody has been told
	afterVault   point = "after-vault"   // the data key is on disk, the ledger has not begun
)
