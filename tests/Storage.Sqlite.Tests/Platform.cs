using System.Runtime.Versioning;

// The tests look at file modes, mounts and signals, which are those of Unix.
[assembly: UnsupportedOSPlatform("windows")]
