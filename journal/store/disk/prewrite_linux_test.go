package disk

import "testing"

func TestOverwritesCheaply(t *testing.T) {
	for _, tt := range []struct {
		fsType, options string
		want            bool
	}{
		{"ext4", "rw", false},
		{"ext4", "rw,commit=5", false},
		{"ext4", "rw,commit=60", true},
		{"ext4", "rw,errors=remount-ro,commit=600,data=ordered", true},
		{"xfs", "rw,attr2,inode64,logbufs=8", false},
		{"btrfs", "rw,commit=120", false},
		{"f2fs", "rw", false},
		{"tmpfs", "rw", false},
	} {
		if got := overwritesCheaply(tt.fsType, tt.options); got != tt.want {
			t.Errorf("%s %s: %v, want %v", tt.fsType, tt.options, got, tt.want)
		}
	}
}
