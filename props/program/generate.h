// Programs drawn at random, with RapidCheck's generators and its splittable random numbers.
//
// Each draw has a generator of its own: RapidCheck's process-wide generation context is never touched, so campaigns
// may draw on several threads at once. The same seed, size and vocabulary draw the same program everywhere.
#pragma once

#include <cstdint>

#include <rapidcheck.h>

#include <wavetank/props/program/program.h>

namespace wavetank::props {

/// A generator in RapidCheck's sense: `rc::Gen<program>(program_generator{words})`. What it yields shrinks by
/// `simpler_programs`. The vocabulary must outlive it.
class program_generator {
 public:
  explicit program_generator(const vocabulary& words) : words_(&words) {}
  rc::Shrinkable<program> operator()(const rc::Random& random, int size) const;

 private:
  const vocabulary* words_;
};

/// The program of a seed; `size` from 0 to 100.
program draw_program(const vocabulary& words, std::uint64_t seed, std::uint32_t size);

}  // namespace wavetank::props
