using System.Reflection;

namespace ServerSession.Tests.Wire;

/// <summary>A field or property of a message that stands in its bytes under a number.</summary>
/// <param name="Id">The number.</param>
/// <param name="Member">The field or property.</param>
internal sealed record WireMember(uint Id, MemberInfo Member)
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public Type Type => Member is FieldInfo info ? info.FieldType : ((PropertyInfo)Member).PropertyType;

    /// <summary>Whether a sender may leave it out: it is set by an object initialiser that need not name it.</summary>
    public bool IsOptional => Member is PropertyInfo { SetMethod: not null } property
        && property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is null
        && HasInitialisers(property.DeclaringType!);

    public override string ToString() => $"{Member.DeclaringType!.Name}.{Member.Name}";

    /// <summary>The members of a message's type in the order of their numbers; none for a type that is not of the contract.</summary>
    public static IEnumerable<WireMember> AllOf(Type type) => IsOfContract(type)
        ? type.GetMembers(All)
            .Where(static member => member.GetCustomAttribute<IdAttribute>() is not null)
            .Select(static member => new WireMember(member.GetCustomAttribute<IdAttribute>()!.Id, member))
            .OrderBy(static member => member.Id)
        : [];

    public static bool IsOfContract(Type type) => type.Assembly == typeof(ISessionGrain).Assembly && type.IsDefined(typeof(GenerateSerializerAttribute)) && !type.IsEnum;

    public object? Of(object message) => Member is FieldInfo info ? info.GetValue(message) : ((PropertyInfo)Member).GetValue(message);

    private static bool HasInitialisers(Type type) =>
        type.GetConstructors().All(static constructor => constructor.GetParameters().Length == 0);
}
