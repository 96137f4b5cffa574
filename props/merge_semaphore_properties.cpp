#include <wavetank/props/semaphore_properties.h>
namespace wavetank::props {
std::vector<std::unique_ptr<const sim::property>> merge_semaphore_catalogue() { return {}; }
}  // namespace wavetank::props
