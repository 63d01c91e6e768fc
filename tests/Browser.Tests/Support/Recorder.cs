namespace ServerSession.Tests;

/// <summary>A script that notes every quote a tab shows in any frame it paints, again from each time that the page is left.</summary>
public static class Recorder
{
    public const string Start =
        """
        (() => {
          window.shown = new Set();
          window.addEventListener("pagehide", () => shown.clear());
          const look = () => { shown.add(document.getElementById("quote").value); requestAnimationFrame(look); };
          requestAnimationFrame(look);
        })()
        """;

    public const string Shown = "[...(window.shown ?? [])]";
}
