#include <wavetank/impl/buffer/put_error.h>

namespace wavetank {

std::string to_string(const put_error& error) {
  const std::string limit = std::to_string(error.limit);
  switch (error.what) {
    case put_problem::closed:
      return "closed: the buffer is stopped; make another one";
    case put_problem::full:
      return "full: the bound of " + limit + " is reached; try again later, or raise it";
    case put_problem::deadline:
      return "deadline: the bound of " + limit + " was reached and no room was made in time; wait longer, or raise it";
    case put_problem::too_large:
      return "too large: " + std::to_string(error.asked) + " can never fit the bound of " + limit + "; split it";
    case put_problem::bad_partition:
      return "bad partition: there is no partition " + std::to_string(error.asked) + " of " + limit +
             "; the router must answer a smaller number";
  }
  return "unknown";
}

}  // namespace wavetank
