package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

const recordName = "pod.json"

// podRecord is pod.json: what an agent after this one, and other tools, need to know of a pod's processes.
type podRecord struct {
	Namespace   string            `json:"namespace"`
	Pod         string            `json:"pod"`
	UID         types.UID         `json:"uid"`
	IP          string            `json:"ip"`
	Netns       string            `json:"netns"` // empty: runs in the cluster's namespace
	Link        string            `json:"link"`
	Initialized bool              `json:"initialized"`
	Containers  []containerRecord `json:"containers"`
}

type containerRecord struct {
	Name      string                           `json:"name"`
	Image     string                           `json:"image"`
	Mode      string                           `json:"mode"`
	Init      bool                             `json:"init"`
	State     containerState                   `json:"state"`
	Pid       int                              `json:"pid"`        // 0: no process
	StartTime uint64                           `json:"start_time"` // field 22 of /proc/<pid>/stat
	StartedAt time.Time                        `json:"started_at"`
	Restarts  int32                            `json:"restarts"`
	Log       string                           `json:"log"`
	Backoff   time.Duration                    `json:"backoff_ns"`
	NotBefore time.Time                        `json:"not_before"`
	Ended     *corev1.ContainerStateTerminated `json:"ended,omitempty"`
	Last      *corev1.ContainerStateTerminated `json:"last,omitempty"`
}

// writeRecord writes pod.json when it would say something new.
func (w *worker) writeRecord() {
	r := podRecord{
		Namespace: w.pod.Namespace, Pod: w.pod.Name, UID: w.pod.UID, IP: w.address.String(), Initialized: w.initialized,
	}
	if w.network != nil {
		r.Netns, r.Link = w.network.name, w.network.link
	}
	for _, c := range w.all() {
		cr := containerRecord{
			Name: c.spec.Name, Image: c.spec.Image, Mode: c.mode, Init: c.init, State: c.state, StartedAt: c.startedAt,
			Restarts: c.restarts, Log: filepath.Join(w.dir, c.logName()), Backoff: c.backoff.current,
			NotBefore: c.notBefore, Ended: c.ended, Last: c.last,
		}
		if c.proc != nil {
			cr.Pid, cr.StartTime = c.proc.pid, c.proc.start
		}
		r.Containers = append(r.Containers, cr)
	}
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil || string(text) == w.recorded {
		return
	}
	if err := writeWhole(filepath.Join(w.dir, recordName), text); err != nil {
		w.log.Error("pod.json cannot be written", "err", err)
		return
	}
	w.recorded = string(text)
}

func readRecord(path string) (podRecord, error) {
	var r podRecord
	text, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// readRecords reads all pods' records. A folder without a readable one is left out.
func readRecords(podsDir string) map[string]podRecord {
	found := map[string]podRecord{}
	paths, _ := filepath.Glob(filepath.Join(podsDir, "*", recordName))
	for _, path := range paths {
		if r, err := readRecord(path); err == nil {
			found[filepath.Dir(path)] = r
		}
	}
	return found
}
