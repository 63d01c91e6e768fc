using System.Security.Cryptography;

namespace ServerSession.Core;

/// <summary>An operation as its source numbers it.</summary>
/// <param name="Id">Names the operation.</param>
/// <param name="FirstUnanswered">The lowest number of the source whose answer is still waited for, this one included.</param>
public readonly record struct NumberedOperation(OperationId Id, ulong FirstUnanswered);

/// <summary>
/// Numbers the operations of a frontend, and knows the lowest whose caller still waits: what is below never has to be answered again, so the sessions
/// forget it (see <see cref="OperationLog"/>).
/// </summary>
public sealed class OperationNumbering
{
    /// <summary>
    /// How far the newest may be ahead of the lowest that is waited for. An operation that is left behind by so many counts as given up, and is refused where it
    /// has not arrived yet: its caller gets 503.
    /// </summary>
    public const int Span = 1 << 16;

    private readonly Lock _lock = new();
    private readonly ulong _source = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    // A bit for each number from the first to the next: whether it is answered.
    private readonly ulong[] _answered = new ulong[Span / 64];
    private ulong _first = 1;
    private ulong _next = 1;

    /// <summary>Begins an operation, whose caller waits until <see cref="End"/>.</summary>
    public NumberedOperation Begin()
    {
        lock (_lock)
        {
            if (_next - _first == Span)
            {
                Answer(_first);
                Advance();
            }

            return new NumberedOperation(new OperationId(_source, _next++), _first);
        }
    }

    /// <summary>The caller of an operation has its answer, or has given up: it does not send it again.</summary>
    public void End(ulong sequence)
    {
        lock (_lock)
        {
            if (sequence >= _first && sequence < _next)
            {
                Answer(sequence);
                Advance();
            }
        }
    }

    private void Answer(ulong sequence) => _answered[sequence % Span / 64] |= 1UL << (int)(sequence % 64);

    private void Advance()
    {
        while (_first < _next && (_answered[_first % Span / 64] & (1UL << (int)(_first % 64))) != 0)
        {
            _answered[_first % Span / 64] &= ~(1UL << (int)(_first % 64));
            _first++;
        }
    }
}
