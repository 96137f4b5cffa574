#include <wavetank/tools/known_properties.h>

#include <wavetank/props/catalogue.h>
#include <wavetank/tools/demo/raised_limit.h>

namespace wavetank::tools {

const sim::property* find_known_property(std::string_view name) {
  const sim::property& demonstration = demo::raised_limit_property();
  return name == demonstration.name() ? &demonstration : props::find_property(name);
}

}  // namespace wavetank::tools
