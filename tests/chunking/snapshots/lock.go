// Package lock opens and closes the gates of a lock.
package lock

import (
	"errors"
	"fmt"
	"sync"
)

// ErrLevel is returned if a gate must not be opened.
var ErrLevel = errors.New("lock: levels differ")

// Gate is one of the two gates.
type Gate int

const (
	Upper Gate = iota
	Lower
)

// Lock has two gates, of which at most one is open.
type Lock struct {
	mu    sync.Mutex
	level float64
	open  map[Gate]bool
}

// Open opens a gate once the levels on both sides of it are the same.
func (l *Lock) Open(gate Gate, outside float64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if diff := l.level - outside; diff > 0.02 || diff < -0.02 {
		return fmt.Errorf("gate %d: %w by %.2f m", gate, ErrLevel, diff)
	}
	for other := range l.open {
		if other != gate {
			delete(l.open, other)
		}
	}
	l.open[gate] = true
	return nil
}

// Fill lets water in until the level is reached.
func (l *Lock) Fill(to float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.level < to {
		l.level += 0.01
	}
}
