#include <wavetank/props/batch_log_properties.h>

#include <wavetank/props/batch_properties.h>

namespace wavetank::props {

std::vector<std::unique_ptr<const sim::property>> batch_log_catalogue() {
  using log = disk_log<sim::runtime, sim::file_system>;
  std::vector<std::unique_ptr<const sim::property>> all;
  const auto add = [&](program_property p) { all.push_back(std::make_unique<program_property>(std::move(p))); };
  add(log_crashes<log>());
  add(log_rot<log>());
  for (const auto& [mode, name] : {std::pair{"0", "posix"}, {"1", "linux"}, {"2", "journal"}}) {
    const std::string with = std::string{"with mode="} + mode + " tiny_segments=1 ";
    add(log_scope<log>(std::string{"batch.log.scope.crashes."} + name,
                       std::string{"two batches over two segments: every two power losses, "} + name + " names",
                       {with + "power_cuts=2", "main append items=2 bytes=40", "main append"}));
    add(log_scope<log>(std::string{"batch.log.scope.discards."} + name,
                       std::string{"three batches, old segments go: every power loss, "} + name + " names",
                       {with + "power_cuts=1 discards=1", "main append", "main append", "main append"}));
    add(log_scope<log>(std::string{"batch.log.scope.faults."} + name,
                       std::string{"a batch: every power loss and every failing call, "} + name + " names",
                       {with + "power_cuts=1 faults=1", "main append"}));
    add(log_scope<log>(std::string{"batch.log.scope.unsynced."} + name,
                       std::string{"two batches and one sync: every two power losses, "} + name + " names",
                       {std::string{"with mode="} + mode + " power_cuts=2 unsynced=2", "main append",
                        "main append items=2 bytes=40"}));
    add(log_scope<log>(
        std::string{"batch.log.scope.unsynced_faults."} + name,
        std::string{"the same: every power loss and every failing call, "} + name + " names",
        {std::string{"with mode="} + mode + " power_cuts=1 faults=1 unsynced=2", "main append", "main append"}));
  }
  add(log_scope<log>("batch.log.scope.cut_write",
                     "a batch and zeros behind it: every write that is cut short, whose rest finds no room",
                     {"with faults=3 reserve=1", "main append"}));
  return all;
}

}  // namespace wavetank::props
