#include "bench/svg_chart.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
namespace stave::bench {
namespace {

constexpr double kWidth = 440;
constexpr double kNameWidth = 112;
constexpr double kFigureWidth = 62;
constexpr double kRow = 20;

constexpr double kPlotLeft = 52;
constexpr double kPlotTop = 8;
constexpr double kPlotWidth = kWidth - kPlotLeft - 12;
constexpr double kPlotHeight = 190;

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string text_at(double x, double y, const char* css, const std::string& text) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' class='" + css + "'>" + escaped(text) +
         "</text>";
}

std::string line_at(double x1, double y1, double x2, double y2, const char* css) {
  return "<line x1='" + number(x1) + "' y1='" + number(y1) + "' x2='" + number(x2) + "' y2='" +
         number(y2) + "' class='" + css + "'/>";
}

std::string figure(const std::string& title, double height, const std::string& body) {
  return "<figure><figcaption>" + escaped(title) + "</figcaption><svg viewBox='0 0 " +
         number(kWidth) + " " + number(height) + "' role='img' aria-label='" + escaped(title) +
         "'>" + body + "</svg></figure>\n";
}

// Where a share lies on the axis: 0 for the half, then one unit for each further nine.
double rarity(double share) {
  constexpr double kMaxShown = 1e-7;
  return -std::log10(std::max(1 - share, kMaxShown) * 2);
}

struct Scale {
  double low;  // log10 of nanoseconds
  double high;
  double rare;  // rarity of the last share before the maximum

  double x(double share) const {
    // The maximum stands one step behind the rarest percentile.
    const double at = share >= 1 ? rare + 1 : rarity(share);
    return kPlotLeft + kPlotWidth * at / (rare + 1);
  }
  double y(double ns) const {
    return kPlotTop + kPlotHeight * (high - std::log10(std::max(ns, 1.0))) / (high - low);
  }
};

Scale scale_of(const std::vector<Curve>& curves) {
  double low = 1e18;
  double high = 1;
  double last = 0.99;
  for (const Curve& curve : curves) {
    for (const auto& [share, ns] : curve.points) {
      low = std::min(low, std::max(ns, 1.0));
      high = std::max(high, ns);
      if (share < 1) last = std::max(last, share);
    }
  }
  Scale scale{std::floor(std::log10(low)), std::ceil(std::log10(high)), rarity(last)};
  if (scale.high <= scale.low) scale.high = scale.low + 1;
  return scale;
}

std::string axes(const Scale& scale) {
  static constexpr std::pair<double, const char*> kTicks[] = {
      {0.5, "50 %"},     {0.9, "90"},         {0.99, "99"},          {0.999, "99.9"},
      {0.9999, "99.99"}, {0.99999, "99.999"}, {0.999999, "99.9999"}, {1, "max"}};
  std::string body;
  for (int decade = static_cast<int>(scale.low); decade <= scale.high; ++decade) {
    const double y = scale.y(std::pow(10, decade));
    body += line_at(kPlotLeft, y, kPlotLeft + kPlotWidth, y, "grid");
    char text[16];
    const int unit = decade / 3;
    static constexpr const char* kUnits[] = {"ns", "us", "ms", "s", "ks"};
    std::snprintf(text, sizeof text, "%.0f %s", std::pow(10, decade - 3 * unit),
                  kUnits[std::clamp(unit, 0, 4)]);
    body += text_at(kPlotLeft - 6, y + 3.5, "tick end", text);
  }
  for (const auto& [share, name] : kTicks) {
    if (share < 1 && rarity(share) > scale.rare + 0.01) continue;
    const double x = scale.x(share);
    body += line_at(x, kPlotTop, x, kPlotTop + kPlotHeight, "grid");
    body += text_at(x, kPlotTop + kPlotHeight + 14, share == 1 ? "tick end" : "tick mid", name);
  }
  return body;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string bar_chart(const std::string& title, const std::vector<Bar>& bars) {
  double most = 0;
  for (const Bar& bar : bars) most = std::max(most, bar.figure);
  if (most <= 0) most = 1;
  const double room = kWidth - kNameWidth - kFigureWidth;
  std::string body;
  double y = 2;
  for (const Bar& bar : bars) {
    const double width = bar.figure > 0 ? std::max(1.5, room * bar.figure / most) : 0;
    const bool ours = bar.css.rfind("ours", 0) == 0;
    body += text_at(kNameWidth - 8, y + 13.5, ours ? "name end strong" : "name end", bar.name);
    if (width > 0) {
      body += "<rect x='" + number(kNameWidth) + "' y='" + number(y + 2) + "' width='" +
              number(width) + "' height='" + number(kRow - 5) + "' rx='2' class='bar " + bar.css +
              "'><title>" + escaped(bar.name + ": " + bar.text) + "</title></rect>";
    }
    body += text_at(kNameWidth + width + 6, y + 13.5, ours ? "figure strong" : "figure", bar.text);
    y += kRow;
  }
  return figure(title, y + 2, body);
}

std::string latency_chart(const std::string& title, const std::vector<Curve>& curves) {
  const Scale scale = scale_of(curves);
  std::string body = axes(scale);
  for (const Curve& curve : curves) {
    std::string path;
    for (const auto& [share, ns] : curve.points) {
      path += path.empty() ? 'M' : 'L';
      path += number(scale.x(share)) + " " + number(scale.y(ns));
    }
    body += "<path d='" + path + "' class='curve " + curve.css + "'><title>" + escaped(curve.name) +
            "</title></path>";
  }
  return figure(title, kPlotTop + kPlotHeight + 22, body);
}

}  // namespace stave::bench
