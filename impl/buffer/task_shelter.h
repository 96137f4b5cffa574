// Where tasks can be killed: for what must not be left half-way.
#pragma once

namespace wavetank::buffer_detail {

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

/// While it lives, the running task is not killed.
template <class R>
using task_shelter = typename shelter_of<R>::type;

}  // namespace wavetank::buffer_detail
