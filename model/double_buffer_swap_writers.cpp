#include <wavetank/model/double_buffer_swap_steps.h>

#include <algorithm>

namespace wavetank::model::swap_steps {

namespace {

/// Its put has not returned.
bool is_under_way(const state& s, machine::record_number one) {
  const auto writer = s.records[one - 1].writer;
  const auto& who = s.writers[writer];
  if (who.is != stage::written && who.is != stage::dead) return false;
  return std::none_of(s.records.begin() + static_cast<std::ptrdiff_t>(one), s.records.end(),
                      [&](const auto& later) { return later.writer == writer; });
}

machine::shard& shard_at(state& s, const machine& of, std::uint64_t writer) {
  return s.tables[s.writers[writer].at].shards[of.shard_of(writer)];
}

/// Which table is current, or was: what is read may be old by now, but not older than what is still in use.
const machine::table* find_published(const state& s, std::uint64_t generation) {
  if (generation == 0) return find_table(s, role::current);
  const auto found = std::find_if(s.tables.begin(), s.tables.end(), [&](const auto& one) {
    return one.generation == generation && (one.is == role::current || one.is == role::retired);
  });
  return found == s.tables.end() ? nullptr : &*found;
}

void let_go(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.holds) --shard_at(s, m, number).registered;
  who.holds = false;
  who.beside.clear();
  who.at = who.generation = 0;
}

said leave_from(state& s, const machine& m, std::uint64_t number, stage where) {
  if (s.writers[number].is != where) return disabled;
  let_go(s, m, number);
  s.writers[number].is = stage::outside;
  return response::done;
}

}  // namespace

std::vector<machine::record_number> put_and_pending(const state& s) {
  std::vector<machine::record_number> all;
  for (machine::record_number one = 1; one <= s.records.size(); ++one) {
    if (s.records[one - 1].is == fate::pending && !is_under_way(s, one)) all.push_back(one);
  }
  return all;
}

said resolve(state& s, const machine& m, std::uint64_t number, std::uint64_t generation) {
  auto& who = s.writers[number];
  if (who.is != stage::outside || s.records.size() == m.bounds.records) return disabled;
  const auto* const found = find_published(s, generation);
  if (found == nullptr) return generation == 0 ? said{response::closed} : disabled;
  who.is = stage::resolved;
  who.at = static_cast<std::uint64_t>(found - s.tables.data());
  who.generation = found->generation;
  return response::done;
}

/// Whoever registers is counted, and looks again then: only who was counted in the current table is in.
said enter(state& s, const machine& m, std::uint64_t number) {
  auto& who = s.writers[number];
  if (who.is != stage::resolved) return disabled;
  const auto& at = s.tables[who.at];
  auto& part = shard_at(s, m, number);
  if (at.generation != who.generation || part.quiet) {
    who = {};
    return response::sent_back;
  }
  ++part.registered;
  who.holds = true;
  if (m.bounds.most_held != 0) who.beside = put_and_pending(s);
  who.is = at.is == role::current ? stage::registered : stage::backing_out;
  return at.is == role::current ? response::done : response::late;
}

said back_out(state& s, const machine& m, std::uint64_t number) {
  const stage is = s.writers[number].is;
  return is == stage::registered || is == stage::backing_out ? leave_from(s, m, number, is) : disabled;
}

/// A bound is looked at by whoever is inside already, so that what was put before is seen; what others are about to put
/// is not.
said write(state& s, const machine& m, std::uint64_t number, bool past_the_bound) {
  auto& who = s.writers[number];
  if (who.is != stage::registered || s.records.size() == m.bounds.records) return disabled;
  const bool bounded = m.bounds.most_held != 0 && !past_the_bound;
  if (bounded && who.beside.size() >= m.bounds.most_held) return disabled;
  who.is = stage::written;
  s.records.push_back({number});
  shard_at(s, m, number).records.push_back(s.records.size());
  return response::accepted;
}

said leave(state& s, const machine& m, std::uint64_t number) { return leave_from(s, m, number, stage::written); }

said die(state& s, const machine& m, std::uint64_t number) {
  const auto dead = std::count_if(s.writers.begin(), s.writers.end(),
                                  [](const auto& one) { return one.is == stage::dead || one.is == stage::buried; });
  auto& who = s.writers[number];
  const bool inside = who.is == stage::registered || who.is == stage::backing_out || who.is == stage::written;
  if (!inside || static_cast<std::uint64_t>(dead) == m.bounds.deaths) return disabled;
  who.is = stage::dead;
  return response::done;
}

said death_notice(state& s, const machine& m, std::uint64_t number) {
  if (s.writers[number].is != stage::dead) return disabled;
  let_go(s, m, number);
  s.writers[number].is = stage::buried;
  return response::done;
}

}  // namespace wavetank::model::swap_steps
