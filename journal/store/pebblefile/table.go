package pebblefile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/sstable/block"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// maxBadBlocks bounds what is tried on a table that is damaged all over.
const maxBadBlocks = 64

// Table is a table that is read without its store.
type Table struct{ *sstable.Reader }

// OpenTable opens a table. Closing its file is left to the caller.
func OpenTable(ctx context.Context, f vfs.File, opts sstable.ReaderOptions) (*Table, error) {
	readable, err := sstable.NewSimpleReadable(KeepOpen{f})
	if err != nil {
		return nil, err
	}
	r, err := sstable.NewReader(ctx, readable, opts)
	if err != nil {
		return nil, err
	}
	return &Table{r}, nil
}

// Each passes the keys and values of a table to use, in the order of keys. Both are valid
// only until use returns. A block that can't be read goes to wrong, and reading goes on
// with the next one.
func (t *Table) Each(ctx context.Context, use func(key, value []byte), wrong func(error)) {
	var from []byte
	for range maxBadBlocks {
		at, err := t.EachBetween(ctx, from, nil, use)
		if ctx.Err() != nil || err == nil {
			return
		}
		wrong(fmt.Errorf("a block can't be read: %w", err))
		if from, err = t.nextBlock(at); err != nil {
			wrong(err)
		}
		if from == nil {
			return
		}
	}
	wrong(errors.New("too many blocks can't be read"))
}

// EachBetween reads the keys from from to to, which is left out; nil is no limit. With an
// error it returns a key of the block that can't be read. All blocks are read into the
// same memory.
func (t *Table) EachBetween(ctx context.Context, from, to []byte, use func(key, value []byte)) (at []byte, err error) {
	at = slices.Clone(from)
	var pool block.BufferPool
	pool.Init(4) // a block of the table, one of each index, and one that is being decompressed
	it, err := t.NewPointIter(ctx, sstable.IterOptions{
		Lower: from, Upper: to,
		Transforms:           sstable.NoTransforms,
		FilterBlockSizeLimit: sstable.NeverUseFilterBlock,
		Env:                  sstable.ReadEnv{Block: block.ReadEnv{BufferPool: &pool}},
		ReaderProvider:       sstable.MakeTrivialReaderProvider(t.Reader),
		BlobContext:          sstable.AssertNoBlobHandles,
	})
	if err != nil {
		return at, err
	}
	for kv := it.First(); kv != nil && ctx.Err() == nil; kv = it.Next() {
		value, _, err := kv.Value(nil)
		if err != nil {
			return at, errors.Join(err, it.Close())
		}
		if isOperand(kv.Kind()) {
			use(kv.K.UserKey, value)
		}
		at = AppendNextKey(at[:0], kv.K.UserKey)
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		return at, err
	}
	pool.Release() // it panics where a block is in use, as it may be after an error
	return at, nil
}

// Last passes the values of the table's last key to use. It reads the index and one
// block.
func (t *Table) Last(ctx context.Context, use func(key, value []byte)) error {
	it, err := t.NewPointIter(ctx, sstable.IterOptions{
		Transforms:           sstable.NoTransforms,
		FilterBlockSizeLimit: sstable.NeverUseFilterBlock,
		ReaderProvider:       sstable.MakeTrivialReaderProvider(t.Reader),
		BlobContext:          sstable.AssertNoBlobHandles,
	})
	if err != nil {
		return err
	}
	var last []byte
	for kv := it.Last(); kv != nil; kv = it.Prev() {
		if last == nil {
			last = slices.Clone(kv.K.UserKey)
		}
		if !bytes.Equal(kv.K.UserKey, last) {
			break
		}
		value, _, err := kv.Value(nil)
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if isOperand(kv.Kind()) {
			use(kv.K.UserKey, value)
		}
	}
	return errors.Join(it.Error(), it.Close())
}

func isOperand(kind pebble.InternalKeyKind) bool {
	return kind == pebble.InternalKeyKindMerge || kind == pebble.InternalKeyKindSet
}

// AppendNextKey appends the least key after key.
func AppendNextKey(dst, key []byte) []byte { return append(append(dst, key...), 0) }

// nextBlock returns the least key of the blocks after the one that key falls into,
// or nil if there are none. The table's index tells, without a look at the blocks,
// how large those are that lie between two keys; where that grows, the next block
// begins.
func (t *Table) nextBlock(key []byte) ([]byte, error) {
	const width = 21 // a flight's key, and a byte to be just behind it
	first := make([]byte, width)
	copy(first, key)
	size := func(last *big.Int) (uint64, error) {
		return t.EstimateDiskUsage(first, last.FillBytes(make([]byte, width)), sstable.NoReadEnv)
	}
	low := new(big.Int).SetBytes(first)
	high := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 8*width), big.NewInt(1))
	one, err := size(low)
	if err != nil {
		return nil, err
	}
	if all, err := size(high); err != nil || all == one {
		return nil, err
	}
	for {
		mid := new(big.Int).Rsh(new(big.Int).Add(low, high), 1)
		if mid.Cmp(low) == 0 {
			return high.FillBytes(make([]byte, width)), nil
		}
		n, err := size(mid)
		switch {
		case err != nil:
			return nil, err
		case n == one:
			low = mid
		default:
			high = mid
		}
	}
}

// KeepOpen is a table that may be opened and closed as often as its reader likes. Who
// opened the file closes it.
type KeepOpen struct{ vfs.File }

// Close does nothing.
func (KeepOpen) Close() error { return nil }

// Guard runs f. Pebble panics on some kinds of damage, and that is an error.
func Guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the store panicked: %v", p)
		}
	}()
	return f()
}
