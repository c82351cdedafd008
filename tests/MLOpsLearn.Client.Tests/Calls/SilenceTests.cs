using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MLOpsLearn.Client.Tests.Calls;

/// <summary>A transfer may take as long as it takes; it ends when nothing moves any more.</summary>
public sealed class SilenceTests : IDisposable
{
    // More than the buffers of a connection take.
    private const int Size = 32 * 1024 * 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _file = Path.GetTempFileName();

    public SilenceTests()
    {
        // What lies in buffers has moved for the client, and not for the server.
        _listener.Server.ReceiveBufferSize = 64 * 1024;
        _listener.Start();
        File.WriteAllBytes(_file, new byte[Size]);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_file);
    }

    [Fact]
    public async Task A_slow_upload_outlives_the_limit_of_silence()
    {
        using var client = Connect();
        var server = ServeAsync(async stream =>
        {
            var (buffer, read) = (new byte[Size / 32], 0L);
            // Twice the limit as a whole, a sixteenth of it at a time.
            for (int got; read < Size && (got = await stream.ReadAtLeastAsync(buffer, (int)Math.Min(buffer.Length, Size - read), false, Cancel)) > 0; read += got)
            {
                await Task.Delay(Silence / 16, Cancel);
            }

            await AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        });

        await client.UploadArtifactAsync("r", "a", _file, Cancel);

        await server;
    }

    [Fact]
    public async Task A_slow_download_outlives_it_too()
    {
        using var client = Connect();
        var server = ServeAsync(async stream =>
        {
            await AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n");
            for (var i = 0; i < 8; i++)
            {
                await Task.Delay(Silence / 4, Cancel);
                await AnswerAsync(stream, "x");
            }
        });

        Assert.Equal(8, await client.DownloadArtifactAsync("r", "a", _file, Cancel));

        await server;
    }

    [Fact]
    public async Task A_transfer_on_which_nothing_moves_ends_and_says_so()
    {
        using var client = Connect();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var server = ServeAsync(async stream =>
        {
            await AnswerAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nx");
            await Task.Delay(Timeout.Infinite, enough.Token);
        });

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => client.DownloadArtifactAsync("r", "a", _file, Cancel));

        Assert.Contains("for 3 s", exception.Message, StringComparison.Ordinal);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server);
    }

    private MLOpsLearnClient Connect() => new(new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}")) { LongestSilence = Silence };

    /// <summary>Takes one connection, reads the request's head, and leaves the rest to <paramref name="serve"/>.</summary>
    private async Task ServeAsync(Func<NetworkStream, Task> serve)
    {
        using var connection = await _listener.AcceptTcpClientAsync(Cancel);
        var (stream, end) = (connection.GetStream(), "");
        var one = new byte[1];
        while (!end.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, Cancel);
            end += (char)one[0];
        }

        await serve(stream);
    }

    private static async Task AnswerAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
}
