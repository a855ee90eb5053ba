// The style of the report: light and dark by the reader's preference, no external font.
#pragma once

namespace stave::bench {

inline constexpr char kHtmlStyle[] = R"(
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2430;
  --soft: #5b6775; --line: #dfe4ea; --c0: #1d5fd1; --c1: #6f9fe8; --c2: #c2590a; --c3: #2f8f4e;
  --c4: #8346b8; --c5: #c93a3a; --c6: #11858b; --c7: #8a6a3b; --limit: #a3adb8; --good: #1a7f45;
  --bad: #b3341f; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b212a; --ink: #e8edf3;
  --soft: #9aa7b5; --line: #2e3742; --c0: #5b9bff; --c1: #9cc2ff; --c2: #f0954a; --c3: #58c07c;
  --c4: #b98be6; --c5: #f07474; --c6: #45c1c7; --c7: #c9a46c; --limit: #66717d; --good: #5bd08b;
  --bad: #ff8a75; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.45 system-ui, "DejaVu Sans", sans-serif; }
main { max-width: 1440px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { margin: 0 0 4px; font-size: 27px; letter-spacing: -0.01em; }
h2 { margin: 38px 0 4px; font-size: 19px; }
h3 { margin: 20px 0 6px; font-size: 15px; }
p { margin: 2px 0 12px; color: var(--soft); max-width: 90ch; }
.tiles, .charts { display: grid; gap: 14px; }
.tiles { grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
.charts { grid-template-columns: repeat(auto-fill, minmax(min(400px, 100%), 1fr)); }
.tile, figure, .table { background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; }
.tile { padding: 12px 14px; }
.tile b { display: block; font-size: 25px; line-height: 1.15; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; display: block; }
figure { margin: 0; padding: 12px 14px 10px; }
figcaption { font-weight: 600; font-size: 14px; margin-bottom: 6px; }
svg { width: 100%; height: auto; display: block; overflow: visible; }
svg text { font-size: 11.5px; fill: var(--ink); }
svg .tick { fill: var(--soft); font-size: 10px; }
.end { text-anchor: end; } .mid { text-anchor: middle; } svg .strong { font-weight: 700; }
.grid { stroke: var(--line); stroke-width: 1; }
.bar { fill: currentColor; } .curve { fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linejoin: round; }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
.c3 { color: var(--c3); } .c4 { color: var(--c4); } .c5 { color: var(--c5); }
.c6 { color: var(--c6); } .c7 { color: var(--c7); } .limit { color: var(--limit); }
.curve.ours { stroke-width: 3; } .curve.d1 { stroke-dasharray: 6 3; }
.curve.d2 { stroke-dasharray: 2 3; } .curve.d3 { stroke-dasharray: 9 3 2 3; }
.curve.ours1 { stroke-dasharray: 6 3; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; font-size: 13px; }
.legend svg { width: 26px; height: 10px; display: inline-block; margin-right: 6px; }
.table { overflow-x: auto; }
.notes { margin: 8px 0 0; font-size: 13px; max-width: none; }
table { border-collapse: collapse; width: 100%; font-size: 13px;
  font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px; text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child, .words td, .words th { text-align: left; }
tr + tr td { border-top: 1px solid var(--line); }
.words td { white-space: normal; }
.ratios { font-size: 12px; }
.ratios th, .ratios td { padding: 5px 7px; }
.ratios th { white-space: normal; vertical-align: bottom; }
@media (max-width: 600px) { main { padding: 18px 12px 32px; } }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
)";

}  // namespace stave::bench
