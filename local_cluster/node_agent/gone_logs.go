package main

import (
	"os"
	"path/filepath"
	"time"
)

// keptLogs is how many pods' logs are kept after the pods.
const keptLogs = 50

// keepLogs moves a pod's logs to <goneDir>/<namespace>_<pod>_<uid> and drops the oldest ones there.
func keepLogs(dir, goneDir, uid string) {
	logs, _ := filepath.Glob(filepath.Join(dir, "*.log"))
	if len(logs) == 0 {
		return
	}
	to := filepath.Join(goneDir, filepath.Base(dir)+"_"+uid[:min(8, len(uid))])
	if os.MkdirAll(to, 0o755) != nil {
		return
	}
	for _, l := range logs {
		_ = os.Rename(l, filepath.Join(to, filepath.Base(l)))
	}
	kept, _ := os.ReadDir(goneDir)
	for len(kept) > keptLogs {
		oldest := 0
		for i := range kept {
			if modified(kept[i]).Before(modified(kept[oldest])) {
				oldest = i
			}
		}
		_ = os.RemoveAll(filepath.Join(goneDir, kept[oldest].Name()))
		kept = append(kept[:oldest], kept[oldest+1:]...)
	}
}

func modified(e os.DirEntry) time.Time {
	info, err := e.Info()
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
