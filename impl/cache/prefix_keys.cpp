#include <wavetank/impl/cache/prefix_keys.h>

#include <algorithm>
#include <stdexcept>

namespace wavetank {

tl::expected<std::vector<std::size_t>, prefix_error> probe_lengths(std::size_t prompt_tokens, prefix_probes probes,
                                                                   std::span<const std::size_t> other_lengths) {
  const std::size_t stride = probes.stride_tokens;
  if (stride == 0) return tl::make_unexpected(prefix_error::zero_stride);
  std::vector<std::size_t> lengths;
  // Counted in multiples, so that no length can overflow.
  const std::size_t first = std::max<std::size_t>(1, probes.min_tokens / stride + (probes.min_tokens % stride != 0));
  for (std::size_t multiple = first; multiple <= prompt_tokens / stride; ++multiple)
    lengths.push_back(multiple * stride);

  const std::size_t least = std::max<std::size_t>(1, probes.min_tokens);
  for (const std::size_t length : other_lengths) {
    if (length >= least && length <= prompt_tokens) lengths.push_back(length);
  }
  if (!other_lengths.empty()) {
    std::sort(lengths.begin(), lengths.end());
    lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  }
  return lengths;
}

std::vector<prefix_key> prefix_keys(const key_inputs& inputs, std::span<const token_id> prompt,
                                    std::span<const std::size_t> lengths) {
  std::vector<prefix_key> keys;
  keys.reserve(lengths.size());
  prompt_hash hash{inputs, prompt};
  std::size_t last = 0;
  for (const std::size_t length : lengths) {
    if (length < last || length > prompt.size()) {
      throw std::invalid_argument("prefix_keys: lengths must ascend and be no longer than the prompt");
    }
    keys.emplace_back(length, hash);
    last = length;
  }
  return keys;
}

}  // namespace wavetank
