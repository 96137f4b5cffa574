// Shelter from being killed, for what must not be left half-way; in worlds that kill no tasks it is nothing.
#pragma once

namespace wavetank {

namespace runtime_detail {

struct no_shelter {
  no_shelter() noexcept {}
  ~no_shelter() {}
};
template <class R>
struct shelter_of {
  using type = no_shelter;
};
template <class R>
requires requires { typename R::death_shelter; }
struct shelter_of<R> {
  using type = typename R::death_shelter;
};

}  // namespace runtime_detail

/// While it lives, the running task is not killed.
template <class R>
using task_shelter = typename runtime_detail::shelter_of<R>::type;

}  // namespace wavetank
