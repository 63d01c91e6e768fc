using System.Buffers.Binary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.Tests;

/// <summary>One key through both APIs, <c>HttpContext.Session</c> and <see cref="IServerSession"/>.</summary>
public sealed class SharedValueTests
{
    private static async Task RunAsync(bool plain, Func<ISession, IServerSession, Task> write, Func<ISession, IServerSession, Task> read)
    {
        Exception? failure = null;
        await using var app = await TestApp.StartAsync(new TestSetup
        {
            Sessions = sessions =>
            {
                sessions.AddAspNetCoreSession();
                if (plain)
                {
                    sessions.UseSerializer<PlainSessionSerializer>();
                }
            },
            Inside = app =>
            {
                app.MapGet("/set", (HttpContext context) => write(context.Session, context.GetServerSession()));
                app.MapGet("/read", async (HttpContext context) => failure = await Record.ExceptionAsync(() => read(context.Session, context.GetServerSession())));
            },
        });

        await app.SendAsync("/read", await app.NewSessionAsync());

        if (failure is not null)
        {
            throw failure;
        }
    }

    [Fact]
    public Task Texts_and_bytes_in_plain_form_meet() => RunAsync(
        plain: true,
        static (old, session) =>
        {
            session.Set("ours", "é 🎭");
            old.SetString("theirs", "é 🎭");
            session.Set("our bytes", new byte[] { 0, 255 });
            old.Set("their bytes", [0, 255]);
            return Task.CompletedTask;
        },
        static async (old, session) =>
        {
            Assert.Equal("é 🎭", old.GetString("ours"));
            Assert.Equal("é 🎭", await session.GetAsync<string>("theirs"));
            Assert.True(await session.CompareAndSetAsync("theirs", "é 🎭", "new"));
            Assert.Equal([0, 255], old.Get("our bytes"));
            Assert.Equal([0, 255], await session.GetAsync<byte[]>("their bytes"));
        });

    [Fact]
    public Task Numbers_in_plain_form_meet_as_text() => RunAsync(
        plain: true,
        static (old, session) =>
        {
            old.SetString("theirs", "7");
            session.Set("ours", 7);
            old.SetInt32("binary", 7);
            return Task.CompletedTask;
        },
        static async (old, session) =>
        {
            Assert.Equal(8, await session.IncrementAsync("theirs"));
            Assert.Equal(8, await session.GetAsync<int>("theirs"));
            Assert.Equal("7", old.GetString("ours"));
            Assert.Equal(7, BinaryPrimitives.ReadInt32BigEndian(await session.GetAsync<byte[]>("binary")));
            await Assert.ThrowsAsync<SessionValueException>(async () => await session.IncrementAsync("binary"));
        });

    [Fact]
    public Task Texts_in_json_form_of_one_api_are_not_those_of_the_other() => RunAsync(
        plain: false,
        static (old, session) =>
        {
            session.Set("ours", "text");
            old.SetString("theirs", "text");
            old.SetString("number", "7");
            return Task.CompletedTask;
        },
        static async (old, session) =>
        {
            Assert.Equal("\"text\"", old.GetString("ours"));
            await Assert.ThrowsAsync<SessionValueException>(async () => await session.GetAsync<string>("theirs"));
            Assert.Equal(8, await session.IncrementAsync("number"));
        });
}
