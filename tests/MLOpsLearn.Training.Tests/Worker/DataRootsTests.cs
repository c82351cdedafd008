using MLOpsLearn.Training.Worker;
using MLOpsLearn.Training.Worker.Inputs;

namespace MLOpsLearn.Training.Tests.Worker;

/// <summary>Files on this machine are read below the declared roots only, links followed.</summary>
public sealed class DataRootsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roots-").FullName;
    private readonly string _root;

    public DataRootsTests()
    {
        _root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        File.WriteAllText(Path.Combine(_root, "inside.csv"), "");
        File.WriteAllText(Path.Combine(_folder, "outside.csv"), "");
        Directory.CreateDirectory(Path.Combine(_folder, "rooted"));
        File.WriteAllText(Path.Combine(_folder, "rooted", "x.csv"), "");
        File.CreateSymbolicLink(Path.Combine(_root, "link.csv"), Path.Combine(_folder, "outside.csv"));
        File.CreateSymbolicLink(Path.Combine(_root, "good-link.csv"), "inside.csv");
        Directory.CreateSymbolicLink(Path.Combine(_root, "up"), "..");
        File.CreateSymbolicLink(Path.Combine(_root, "loop"), "loop");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("inside.csv")]
    [InlineData("good-link.csv")]
    [InlineData("up/root/inside.csv")]
    public void A_file_below_a_root_is_found(string name) =>
        Assert.Equal(Path.Combine(_root, "inside.csv"), DataRoots.Resolve($"file:{_root}/{name}", [_root]));

    [Theory]
    [InlineData("../outside.csv")]
    [InlineData("link.csv")]
    [InlineData("up/outside.csv")]
    [InlineData("../rooted/x.csv")]
    [InlineData("loop")]
    [InlineData("missing.csv")]
    [InlineData("")]
    public void Anything_else_is_refused(string name) =>
        Assert.Throws<WorkFault>(() => DataRoots.Resolve($"file:{_root}/{name}", [_root]));

    [Fact]
    public void Without_roots_nothing_is_read() => Assert.Throws<WorkFault>(() => DataRoots.Resolve($"file:{_root}/inside.csv", []));
}
