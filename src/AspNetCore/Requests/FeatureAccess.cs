using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace ServerSession;

/// <summary>
/// Features by their type. The generic methods of <see cref="IFeatureCollection"/> do the same, but a virtual generic method is looked up at
/// every call, which costs a request more than the feature does.
/// </summary>
internal static class FeatureAccess
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Find<T>(this IFeatureCollection features)
        where T : class => (T?)features[typeof(T)];

    /// <exception cref="InvalidOperationException">There is none.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Require<T>(this IFeatureCollection features)
        where T : class => (T)features.GetRequiredFeature(typeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<T>(this IFeatureCollection features, T feature)
        where T : class => features[typeof(T)] = feature;
}
