// Each test runs a cluster of processes; two at once would measure the machine and not the cluster.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
