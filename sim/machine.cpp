#include <wavetank/sim/machine.h>

#include <cassert>
#include <string>

namespace wavetank::sim {

namespace {

bool only_reads(io_call call) noexcept {
  return call == io_call::pread || call == io_call::list || call == io_call::stat;
}

}  // namespace

machine::machine(const disk::disk_options& options, const crash_budget& crashes)
    : disk_(options), crashes_(crashes), object_(scheduler::here().new_object()) {
  scheduler::here().name_object(object_, "disk");
}

machine::~machine() = default;

machine::guest::guest(machine& on)
    : owner(&on), files(on.disk_, static_cast<disk::process_id>(on.processes_.size() + 1), on, *this) {}

machine::guest& machine::new_process() { return *processes_.emplace_back(std::make_unique<guest>(*this)); }

bool machine::guest::before_call(io_call call, std::string_view path) {
  scheduler& s = scheduler::here();
  const bool may_crash = owner->crashes_.process_kills != 0 || owner->crashes_.power_cuts != 0;
  s.visit_kill_point({owner->object_, 0, operation_kind::io, !only_reads(call), false, !may_crash});
  if (s.burying()) return false;
  if (s.told()) s.say(std::string(to_string(call)) + " " + std::string(path));
  if (owner->faults_left_ == 0) owner->disk_.faults() = {};
  if (may_crash) owner->maybe_crash(*this);
  return !s.burying();
}

void machine::guest::elapse(std::chrono::nanoseconds taken) {
  scheduler& s = scheduler::here();
  s.sleep_until(s.now() + std::chrono::duration_cast<duration>(taken));
}

void machine::maybe_crash(guest& caller) {
  scheduler& s = scheduler::here();
  const std::uint32_t kills = crashes_.process_kills != 0 ? 1 : 0;
  const std::uint32_t cuts = crashes_.power_cuts != 0 ? 1 : 0;
  const std::uint32_t chosen = s.choose(decision_kind::fault, 1 + kills + cuts, "who dies before a file call");
  if (chosen == 0) return;
  if (chosen == kills) {
    --crashes_.process_kills;
    ++process_kills_;
    die(caller.handle);
  } else {
    --crashes_.power_cuts;
    lose_power();
  }
}

void machine::kill(const process& p) {
  if (scheduler::here().may_kill()) die(p);
}

void machine::cut_power() {
  if (scheduler::here().may_kill()) lose_power();
}

void machine::die(const process& p) {
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    if (processes_[i]->handle.number() == p.number()) disk_.kill(static_cast<disk::process_id>(i + 1));
  }
  scheduler::here().kill_process(p.number());
}

void machine::lose_power() {
  ++power_cuts_;
  scheduler& s = scheduler::here();
  s.say("the power fails");
  disk_.power_loss(*this);
  s.kill_all_processes();
}

std::uint32_t machine::choose(std::uint32_t alternatives, std::string_view label) {
  scheduler& s = scheduler::here();
  const std::uint32_t chosen = s.choose(decision_kind::outcome, alternatives, label);
  if (chosen != 0 && s.told()) s.say(std::string(label) + ": " + std::to_string(chosen));
  return chosen;
}

void machine::calm() {
  crashes_ = {};
  disk_.faults() = {};
}

std::uint32_t machine::strike(std::uint32_t alternatives, std::string_view label) {
  scheduler& s = scheduler::here();
  const std::uint32_t chosen = s.choose(decision_kind::fault, alternatives, label);
  if (chosen != 0) --faults_left_;
  if (chosen != 0 && s.told()) s.say(std::string(label) + ": " + std::to_string(chosen));
  return chosen;
}

}  // namespace wavetank::sim
