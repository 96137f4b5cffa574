// The state machine behind the simulated mutex.
#include <wavetank/sim/engine/scheduler.h>

#include <algorithm>

namespace wavetank::sim {

void scheduler::contend(task& t, mutex_state& m) noexcept {
  t.contends_for = &m;
  t.next_contender = m.contenders;
  m.contenders = &t;
}

void scheduler::stop_contending(task& t, mutex_state& m) noexcept {
  task** link = &m.contenders;
  while (*link != &t) link = &(*link)->next_contender;
  *link = t.next_contender;
  t.contends_for = nullptr;
}

void scheduler::take(mutex_state& m) noexcept {
  m.owner = current_;
  for (task* c = m.contenders; c != nullptr; c = c->next_contender) {
    if (is_enabled(*c)) disable(*c);
  }
  for (const object_id held : current_->held) lock_order_.emplace_back(held, m.id);
  current_->held.push_back(m.id);
  if (tracking_) acquire_from(m.released);
}

void scheduler::give(mutex_state& m) noexcept {
  if (tracking_) release_into(m.released, false);
  auto& held = current_->held;
  held.erase(std::find(held.begin(), held.end(), m.id));
  m.owner = nullptr;
  for (task* c = m.contenders; c != nullptr; c = c->next_contender) {
    if (!is_enabled(*c)) enable(*c);
  }
}

void scheduler::lock(mutex_state& m) {
  if (silent_ != 0) return;
  task& me = self();
  const operation op{m.id, 0, operation_kind::lock, true};
  if (m.owner == &me) {
    fail(verdict_kind::misuse, me.name + " locks a mutex that it holds already");
    return;
  }
  contend(me, m);
  if (m.owner == nullptr) {
    visit(op);
  } else {
    visit_blocked(op);
  }
  assert(m.owner == nullptr);
  stop_contending(me, m);
  take(m);
}

bool scheduler::try_lock(mutex_state& m) {
  if (silent_ != 0) return true;
  visit({m.id, 0, operation_kind::try_lock, true});
  const bool free = m.owner == nullptr;
  note(free ? 1 : 0);
  if (free) take(m);
  return free;
}

void scheduler::unlock(mutex_state& m) {
  if (silent_ != 0) return;
  task& me = self();
  if (m.owner != &me) {
    fail(verdict_kind::misuse, me.name + (m.owner == nullptr ? " unlocks a mutex that is not locked"
                                                             : " unlocks a mutex that " + m.owner->name + " holds"));
    return;
  }
  visit({m.id, 0, operation_kind::unlock, true});
  give(m);
}

}  // namespace wavetank::sim
