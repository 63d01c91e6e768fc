using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ServerSession;

namespace RazorShop.Pages;

/// <summary>A cart in the session. The form's antiforgery token is checked before <see cref="OnPostAsync"/> runs.</summary>
public sealed class IndexModel(IServerSession session) : PageModel
{
    public IReadOnlyList<string> Items { get; private set; } = [];

    public async Task OnGetAsync() => Items = await session.GetListAsync<string>("cart");

    public async Task<IActionResult> OnPostAsync(string item)
    {
        await session.AppendAsync("cart", item, maximumItems: 50);      // atomic: a second tab loses nothing
        TempData["Message"] = $"{item} is in the cart.";                // shown once, by the page that comes next
        return RedirectToPage();
    }
}
