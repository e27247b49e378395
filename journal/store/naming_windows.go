package store

// lockNaming does nothing: two recorders that begin a journal at the same moment may name
// it twice, and the next takeoffs use one of the names.
func lockNaming(string) (unlock func()) { return func() {} }
