using Microsoft.AspNetCore.Mvc.ViewFeatures.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace ServerSession.AspNetCore;

/// <summary>
/// TempData in the session. MVC removes it before it reads it, and throws where it cannot; the exception discards what the request has changed, the
/// removal too. So it would fail again at each request, where ASP.NET Core's session forgets the value with the first.
/// </summary>
internal static class TempDataValue
{
    /// <summary>The key under which MVC's session provider keeps it.</summary>
    public const string Key = "__ControllerTempData";

    /// <summary>Whether the application's serializer of TempData can read the bytes.</summary>
    public static bool IsReadable(IServiceProvider services, byte[] bytes)
    {
        if (services.GetService<TempDataSerializer>() is not { } serializer)
        {
            return true;
        }

        try
        {
            serializer.Deserialize(bytes.AsSpan().ToArray());
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }
}
