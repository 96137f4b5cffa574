#include <wavetank/impl/runtime/random_bits.h>

#include <random>

namespace wavetank {
namespace {

std::uint64_t entropy() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

std::uint64_t random_bits() {
  thread_local std::mt19937_64 generator{entropy()};
  return generator();
}

}  // namespace wavetank
