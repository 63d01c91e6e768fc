namespace ServerSession.Tests;

public sealed class DockerfileTests
{
    private static readonly string[] Instructions = ["FROM", "WORKDIR", "COPY", "ENV", "RUN", "EXPOSE", "USER", "HEALTHCHECK", "ENTRYPOINT"];

    [Theory]
    [InlineData("silo", "Silo")]
    [InlineData("webhost", "WebHost")]
    public void Image_runs_the_published_host_as_a_user_without_rights(string file, string project)
    {
        var lines = Dockerfile.Read(file).Lines;

        Assert.All(lines, static line => Assert.Contains(line.Instruction, Instructions));
        Assert.Contains(lines, line => line.Instruction == "RUN" && line.Text.Contains($"dotnet publish src/{project} ", StringComparison.Ordinal));
        Assert.Equal($"[\"dotnet\", \"ServerSession.Orleans.{project}.dll\"]", Assert.Single(lines, static line => line.Instruction == "ENTRYPOINT").Text);
        Assert.EndsWith($"CMD [\"dotnet\", \"ServerSession.Orleans.{project}.dll\", \"check-health\"]", Assert.Single(lines, static line => line.Instruction == "HEALTHCHECK").Text, StringComparison.Ordinal);
        Assert.Equal("$APP_UID", Assert.Single(lines, static line => line.Instruction == "USER").Text);
        Assert.EndsWith("-chiseled", lines.Last(static line => line.Instruction == "FROM").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("silo")]
    [InlineData("webhost")]
    public void Path_that_is_copied_from_the_repository_is_there(string file)
    {
        var sources = Dockerfile.Read(file).Lines
            .Where(static line => line.Instruction == "COPY" && !line.Text.StartsWith("--from", StringComparison.Ordinal))
            .SelectMany(static line => line.Text.Split(' ')[..^1]);

        Assert.All(sources, static source => Assert.True(Path.Exists(Path.Combine(DeployFiles.Repository, source)), source));
    }
}
