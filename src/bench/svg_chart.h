// The two charts of the report, as inline SVG. Colours come from the page's style by class.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace stave::bench {

struct Bar {
  std::string name;
  std::string css;    // class of the bar
  double figure = 0;  // 0: no bar, `text` alone
  std::string text;
};

// Horizontal bars from zero, the longest as long as the chart is wide.
std::string bar_chart(const std::string& title, const std::vector<Bar>& bars);

struct Curve {
  std::string name;
  std::string css;
  std::vector<std::pair<double, double>> points;  // (share, nanoseconds), shares ascending
};

// Latency by percentile, both axes logarithmic: each step to the right is ten times as rare.
std::string latency_chart(const std::string& title, const std::vector<Curve>& curves);

// Text for HTML.
std::string escaped(const std::string& text);

}  // namespace stave::bench
