using System.Net.Sockets;
using System.Text;
using MLOpsLearn.Tracking.Artifacts;

namespace MLOpsLearn.Tracking.Tests.Artifacts;

public sealed class HostilePathTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("./a")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("..\\a")]
    [InlineData("C:/a")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("%2e%2e/a")]
    [InlineData("%252e%252e/a")]
    [InlineData("a%2Fb")]
    [InlineData("a%252Fb")]
    [InlineData("a%5cb")]
    [InlineData("a%00b")]
    [InlineData("%25252525252e")]
    [InlineData("dir/NUL")]
    [InlineData("con.txt")]
    [InlineData("com1 .log")]
    [InlineData("LPT9/a")]
    [InlineData("a.")]
    [InlineData("a ")]
    public void A_path_that_could_leave_its_place_on_some_machine_is_refused(string path) => Assert.NotNull(ArtifactPath.BrokenRule(path));

    [Theory]
    [InlineData("model/model.mlpf")]
    [InlineData("100%.txt")]
    [InlineData("a%ffb")]
    [InlineData("50%20off.txt")]
    [InlineData("...hidden")]
    [InlineData("console/nullable.txt")]
    [InlineData("größe/🚕.bin")]
    public void An_ordinary_path_is_taken(string path) => Assert.Null(ArtifactPath.BrokenRule(path));

    [Fact]
    public void Long_paths_and_parts_are_refused()
    {
        Assert.NotNull(ArtifactPath.BrokenRule(new string('a', 10_000)));
        Assert.NotNull(ArtifactPath.BrokenRule(new string('ö', 200)));
    }

    [Theory]
    [InlineData("../../../../../../etc/passwd")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("%2e%2e/%2e%2e/x")]
    [InlineData("%252e%252e/x")]
    [InlineData("..%5c..%5cx")]
    [InlineData("/absolute")]
    [InlineData("C:%5cx")]
    [InlineData("a%00b")]
    [InlineData("aux")]
    public async Task Nothing_hostile_on_the_wire_is_stored_or_breaks_the_server(string path)
    {
        await using var app = await TrackingApp.StartAsync();
        var id = await app.StartRunAsync();

        foreach (var method in new[] { "PUT", "GET" })
        {
            // Sent by hand: a client library tidies such paths up.
            using var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", app.Http.BaseAddress!.Port, Cancel);
            await socket.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"{method} {ArtifactTests.Url(id, path)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"), Cancel);
            using var reader = new StreamReader(socket.GetStream());
            var status = int.Parse((await reader.ReadLineAsync(Cancel))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(status, 400, 499);
        }

        Assert.Empty(app.StoredFiles);
    }
}
