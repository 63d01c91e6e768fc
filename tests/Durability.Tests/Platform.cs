using System.Runtime.Versioning;

// The tests kill processes and mount disks as Unix does.
[assembly: UnsupportedOSPlatform("windows")]
