using CsCheck;
using ServerSession.Tests.Support;

namespace ServerSession.Tests.Data;

/// <summary>Random commits against a dictionary that does the same in the simplest way.</summary>
public sealed class EditorModelTests
{
    private static readonly SessionLimits Limits = new() { KeyBytes = 8, ValueBytes = 20, Keys = 4, TotalBytes = 60 };
    private static readonly string[] Keys = ["a", "b", "Z", "ä", "\U0001F600", "long key!", "", "\ud800"];

    private static readonly string?[] Values =
        [null, "", "5", "-12", "042", "+5", "9223372036854775807", "0123456789012345678", "01234567890123456789", "012345678901234567890"];

    private static readonly Gen<SessionChange> Change = Gen.Select(
        Gen.Int[0, 40], Gen.Int[0, Keys.Length - 1].Select(at => Keys[at]), Gen.Int[0, Values.Length - 1].Select(at => Values[at]), Gen.Int[0, Values.Length - 1].Select(at => Values[at]), Gen.Int[-1, 4],
        (kind, key, value, expected, number) => kind switch
        {
            0 => SessionChange.Clear(),
            <= 10 => SessionChange.Set(key, Memory(value) ?? default),
            <= 14 => SessionChange.Remove(key),
            <= 19 => SessionChange.Increment(key, number),
            <= 24 => SessionChange.GetOrSet(key, Memory(value) ?? default),
            <= 29 => SessionChange.CompareAndSet(key, Memory(expected), Memory(value)),
            <= 34 => SessionChange.Take(key),
            _ => SessionChange.Append(key, Memory(value) ?? default, number),
        });

    [Fact]
    public void Apply_does_what_a_dictionary_does() => Change.Array[1, 4].Array[1, 25].Play(
        count: 5000,
        static commits =>
        {
            var data = SessionData.Empty;
            var model = new EditorModel(Limits);
            foreach (var changes in commits)
            {
                var before = EditorModel.Show(data);
                var edit = SessionDataEditor.Apply(data, changes, Limits);
                var (outcome, results) = model.Apply(changes);

                Assert.Equal(before, EditorModel.Show(data));
                Assert.Equal(outcome, edit.Outcome);
                Assert.Equal(outcome == SessionOutcome.Committed, edit.Refusal is null);
                Assert.Equal(results, edit.Results?.Select((result, index) => changes[index].IsAtomic ? EditorModel.Show(result) : "-"));
                Assert.Equal(model.Show(), EditorModel.Show(edit.Data));
                Assert.Equal(edit.Data.Entries.ToArray().Sum(entry => Sample.Bytes(entry.Key).Length + entry.Value.Bytes.Length), edit.Data.TotalBytes);
                data = edit.Data;
            }
        });

    private static ReadOnlyMemory<byte>? Memory(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Sample.Bytes(text);
}
