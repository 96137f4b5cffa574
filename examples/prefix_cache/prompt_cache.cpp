// Keeps the model states of prompts in a directory, and finds the longest prefix of a new prompt that has one.
//
//   prompt_cache DIRECTORY
#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <wavetank/impl/cache/prefix_cache.h>
#include <wavetank/impl/runtime/posix/posix_file_system.h>
#include <wavetank/impl/runtime/thread/thread_runtime.h>

using namespace wavetank;
using cache_type = prefix_cache<thread_runtime, posix_file_system>;

namespace {

/// What a key depends on besides the tokens: states of one model are of no use to another.
constexpr key_inputs model{.fingerprint = {std::byte{42}}, .quant = quant_type::q8_0, .ctx_params_hash = {}};

/// In the place of what a model would compute, some megabytes long.
std::string state_after(std::span<const token_id> tokens) {
  return "state after " + std::to_string(tokens.size()) + " tokens";
}

void save(cache_type& cache, const std::vector<token_id>& tokens) {
  kvc_metadata metadata;
  metadata.fingerprint = model.fingerprint;
  metadata.quant = model.quant;
  metadata.quant_bits = 8;
  metadata.ctx_params_hash = model.ctx_params_hash;
  metadata.tokens = tokens;
  metadata.context_size = 4'096;
  metadata.save_reason = save_reason::finish;

  const std::string state = state_after(tokens);
  const auto saved = cache.save(cache_tier::disk, metadata, std::as_bytes(std::span{state}));
  if (saved) {
    // From here on neither a crash nor a power cut loses it.
    std::printf("saved %zu tokens as %s\n", tokens.size(), to_hex(*saved).c_str());
  } else {
    std::printf("%zu tokens: %s\n", tokens.size(), to_string(saved.error()).c_str());
  }
}

/// The longest prefix that can be loaded, or false.
bool continue_from_the_cache(cache_type& cache, const std::vector<token_id>& prompt) {
  const auto found = cache.lookup_longest_prefix(model, prompt, {.stride_tokens = 4, .min_tokens = 4});
  if (!found || !*found) return false;
  const auto row = cache.load((*found)->row.key);  // pinned for as long as `row` lives
  if (!row) return false;                          // it went meanwhile, or its file was damaged: a miss like any other
  std::printf("%zu of %zu tokens are in the cache: \"%.*s\"\n", (*found)->tokens, prompt.size(),
              static_cast<int>(row->payload->size()), reinterpret_cast<const char*>(row->payload->data()));
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: prompt_cache DIRECTORY\n");
    return 2;
  }
  thread_runtime world;
  posix_file_system files;
  const auto cache = cache_type::open(world, files, {.disk_path = argv[1]});
  if (!cache) {
    std::fprintf(stderr, "%s\n", to_string(cache.error()).c_str());
    return 1;
  }
  std::printf("%zu rows found\n", (*cache)->table().dump().size());

  std::vector<token_id> conversation{11, 12, 13, 14};
  save(**cache, conversation);
  conversation.insert(conversation.end(), {15, 16, 17, 18});
  save(**cache, conversation);
  conversation.insert(conversation.end(), {19, 20, 21});
  return continue_from_the_cache(**cache, conversation) ? 0 : 1;
}
