#include <wavetank/model/reservation_by_key.h>

namespace wavetank::model {

bool reservation_by_key::observes(const command& c, const std::optional<response>& said) const {
  using result = reservation::result;
  const bool looks = std::holds_alternative<reservation::lookup_exact>(c.what) ||
                     std::holds_alternative<reservation::check_reservation>(c.what);
  if (looks || !said) return looks;
  switch (said->what) {
    case result::already_present:
    case result::conflict:
    case result::unsupported_tier:
    case result::not_linked:
    case result::busy:
    case result::too_late:
    case result::skipped:
    case result::failed:
    case result::exists:
      return true;
    case result::row:
    case result::miss:
      return std::holds_alternative<reservation::lookup_or_wait>(c.what) ||
             (said->what == result::miss && std::holds_alternative<reservation::checkout>(c.what));
    case result::no_op:
      return !std::holds_alternative<reservation::cancel_reservation>(c.what) &&
             !std::holds_alternative<reservation::abandon_reservation>(c.what);
    default:
      return false;
  }
}

}  // namespace wavetank::model
