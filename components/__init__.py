"""From manifests to resources: one ComponentResource per file. Components apply decisions and make none."""
