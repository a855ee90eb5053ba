// What a misspelt word was probably meant to be.
#pragma once

#include <string>
#include <vector>

namespace stave::bench {

// The known word that `word` was probably meant to be; "" if none is near.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

// "; did you mean 'WORD'?", or "" for no word.
std::string did_you_mean(const std::string& word);

}  // namespace stave::bench
