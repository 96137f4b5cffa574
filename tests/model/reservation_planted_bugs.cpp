#include <wavetank/tests/model/reservation_planted_bugs.h>

#include <algorithm>

#include <wavetank/model/command_is.h>

namespace wavetank::model {
namespace {

using t = reservation;
using status = t::status;
using reason = t::reason;
using result = t::result;
using state = t::state;
using command = t::command;
using response = t::response;

bool writing(const t::row& row) { return row.is == status::pre_link || row.is == status::post_link; }

t::row in(status where) {
  t::row row;
  row.is = where;
  return row;
}

t::row available(generation_number generation) {
  t::row row;
  row.where = tier::disk;
  row.generation = generation;
  row.backed = true;
  return row;
}

template <class Visit>
void each_row(const state& s, Visit&& visit) {
  for (const auto& [key, row] : s.rows) visit(key, row);
}

template <class Visit>
void each_file_before(const state& s, Visit&& visit) {
  for (const auto& [key, file] : s.files) visit(key, file);
}

template <class Visit>
void each_file(state& s, Visit&& visit) {
  const auto files = s.files;
  for (const auto& entry : files) visit(*s.files.find(entry.first));
}

void tell(state& s, generation_number generation, reason why) {
  for (const auto& one : s.queue) s.unheard.put(one.call, {one.task, generation, why});
  s.queue.clear();
}

}  // namespace

std::vector<planted_bug<reservation>> reservation_bugs() {
  std::vector<planted_bug<reservation>> all;
  all.push_back(
      {"a death frees the key without a look", [](const state& before, const command& what, response&, state& after) {
         if (is<t::owner_dies>(what))
           each_row(before, [&](key_number key, const t::row& row) {
             if (writing(row)) after.rows.erase(key);
           });
       }});
  all.push_back(
      {"a death keeps the reservation", [](const state& before, const command& what, response&, state& after) {
         if (is<t::owner_dies>(what)) after.rows = before.rows;
       }});
  all.push_back({"a death keeps the claims", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::owner_dies>(what)) {
                     after.claims = before.claims;
                     after.generations = before.generations;
                   }
                 }});
  all.push_back({"a dead task still waits", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::owner_dies>(what)) after.queue = before.queue;
                 }});
  all.push_back({"a dead task's answer is kept", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::owner_dies>(what)) after.unheard = before.unheard;
                 }});
  all.push_back({"the file of a dead straggler is forgotten",
                 [](const state& before, const command& what, response&, state& after) {
                   if (is<t::owner_dies>(what))
                     after.rows.erase_if([&](key_number key, const t::row&) { return !before.rows.contains(key); });
                 }});
  all.push_back(
      {"stragglers are not remembered", [](const state& before, const command& what, response& said, state& after) {
         if (is<t::sweep>(what) || said.what == result::recovering) after.stragglers = before.stragglers;
       }});
  all.push_back({"a sweep does not look where a straggler may have linked",
                 [](const state& before, const command& what, response&, state& after) {
                   if (is<t::sweep>(what))
                     after.rows.erase_if([&](key_number key, const t::row&) { return !before.rows.contains(key); });
                 }});
  all.push_back(
      {"a sweep recovers live reservations", [](const state& before, const command& what, response&, state& after) {
         if (is<t::sweep>(what))
           each_row(before, [&](key_number key, const t::row& row) {
             if (writing(row)) after.rows.put(key, in(status::adopting));
           });
       }});
  all.push_back(
      {"a sweep leaves stale reservations", [](const state& before, const command& what, response&, state& after) {
         if (is<t::sweep>(what)) after = before;
       }});
  all.push_back(
      {"a sweep expires live reservations", [](const state& before, const command& what, response&, state& after) {
         if (is<t::sweep>(what))
           each_row(before, [&](key_number key, const t::row& row) {
             if (writing(row) && !row.expired) after.rows.find(key)->expired = true;
           });
       }});
  all.push_back(
      {"an expired token still passes a check", [](const state&, const command& what, response& said, state&) {
         if (is<t::check_reservation>(what)) said.what = result::ok;
       }});
  all.push_back(
      {"an expired token still marks", [](const state& before, const command& what, response& said, state& after) {
         const auto* one = as<t::mark_published>(what);
         if (one == nullptr) return;
         each_row(before, [&](key_number key, const t::row& row) {
           if (row.token == one->token && row.expired) {
             said.what = result::ok;
             after = before;
             after.rows.find(key)->is = status::post_link;
           }
         });
       }});
  all.push_back(
      {"an expired token still announces", [](const state& before, const command& what, response& said, state& after) {
         const auto* one = as<t::announce_saved>(what);
         if (one == nullptr) return;
         each_row(before, [&](key_number key, const t::row& row) {
           if (row.token == one->token && row.expired) {
             said.what = result::ok;
             after.rows.put(key, available(one->generation));
             after.generations.put({key, one->generation}, {tier::disk});
           }
         });
       }});
  all.push_back({"an old token cancels whoever writes",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::cancel_reservation>(what);
                   if (one == nullptr || said.what != result::no_op) return;
                   each_row(before, [&](key_number key, const t::row& row) {
                     if (writing(row)) after.rows.put(key, in(status::evicting));
                   });
                 }});
  all.push_back(
      {"an old token evicts the row", [](const state& before, const command& what, response& said, state& after) {
         if (is<t::mark_published>(what) && said.what == result::expired)
           each_row(before, [&](key_number key, const t::row& row) {
             if (row.is == status::available) after.rows.put(key, in(status::evicting));
           });
       }});
  all.push_back({"a cancel leaves the file", [](const state&, const command& what, response& said, state& after) {
                   if (is<t::cancel_reservation>(what) && said.what == result::ok) after.rows.clear();
                 }});
  all.push_back({"an abandon removes what is not its writer's",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::abandon_reservation>(what);
                   if (one == nullptr || said.what != result::ok) return;
                   each_row(after, [&](key_number key, const t::row&) { after.rows.put(key, in(status::evicting)); });
                 }});
  all.push_back({"what is adopted is on disk", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::settle>(what);
                   if (one != nullptr && said.what == result::adopted) after.rows.find(one->key)->where = tier::disk;
                 }});
  all.push_back({"what is linked is on disk", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::link>(what);
                   if (one != nullptr && said.what == result::linked) after.files.find(one->key)->where = tier::disk;
                 }});
  all.push_back(
      {"a cancel leaves the reservation", [](const state& before, const command& what, response&, state& after) {
         if (is<t::cancel_reservation>(what)) after = before;
       }});
  all.push_back(
      {"a reserve overtakes a live writer", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::reserve_save>(what);
         if (one == nullptr || said.what != result::conflict) return;
         auto* row = after.rows.find(one->key);
         if (!writing(*row)) return;
         row->token = one->token;
         row->owner = one->owner;
         said.what = result::reserved;
       }});
  all.push_back({"a reserve calls present what is only being adopted",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::reserve_save>(what);
                   if (one != nullptr && said.what == result::conflict &&
                       after.rows.find(one->key)->is == status::adopting)
                     said.what = result::already_present;
                 }});
  all.push_back({"a reserve takes over a stale reservation",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::reserve_save>(what);
                   if (one == nullptr || said.what != result::recovering) return;
                   after = before;
                   auto* row = after.rows.find(one->key);
                   row->token = one->token;
                   row->owner = one->owner;
                   row->expired = false;
                   row->is = status::pre_link;
                   said.what = result::reserved;
                 }});
  all.push_back({"a mark is forgotten", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::mark_published>(what)) after = before;
                 }});
  all.push_back(
      {"an announce needs no mark", [](const state& before, const command& what, response& said, state& after) {
         const auto* one = as<t::announce_saved>(what);
         if (one == nullptr || said.what != result::not_linked) return;
         said.what = result::ok;
         each_row(before, [&](key_number key, const t::row& row) {
           if (row.token != one->token) return;
           after.rows.put(key, available(one->generation));
           after.generations.put({key, one->generation}, {tier::disk});
         });
       }});
  all.push_back({"an announce comes before the name is synced",
                 [](const state&, const command& what, response& said, state& after) {
                   if (is<t::announce_saved>(what) && said.what == result::ok)
                     each_file(after, [](t::file& file) { file.durable = false; });
                 }});
  all.push_back({"an announce installs bytes that nobody knows",
                 [](const state&, const command& what, response& said, state& after) {
                   if (is<t::announce_saved>(what) && said.what == result::ok) after.generations.clear();
                 }});
  all.push_back(
      {"an announced row keeps its token", [](const state& before, const command& what, response& said, state& after) {
         const auto* one = as<t::announce_saved>(what);
         if (one == nullptr || said.what != result::ok) return;
         each_row(before, [&](key_number key, const t::row& row) {
           if (row.token == one->token) after.rows.find(key)->token = row.token;
         });
       }});
  all.push_back({"over quota, and the file stays", [](const state&, const command& what, response& said, state& after) {
                   if (said.what == result::over_quota && is<t::announce_saved>(what)) after.rows.clear();
                 }});
  all.push_back(
      {"over quota, and installed nevertheless", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::insert_available>(what);
         if (one == nullptr || said.what != result::over_quota) return;
         after.rows.put(one->key, available(one->generation));
         after.generations.put({one->key, one->generation}, {tier::disk});
       }});
  all.push_back({"an insert goes over a writer", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::insert_available>(what);
                   if (one == nullptr || said.what != result::conflict) return;
                   said.what = result::ok;
                   after.rows.put(one->key, available(one->generation));
                   after.generations.put({one->key, one->generation}, {tier::disk});
                 }});
  all.push_back({"an insert unpins the older generation",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::insert_available>(what) && said.what == result::ok)
                     for (const auto& entry : before.generations) {
                       if (after.generations.contains(entry.first)) after.generations.find(entry.first)->pins = 0;
                     }
                 }});
  all.push_back({"an insert forgets the older generation",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::insert_available>(what) && said.what == result::ok)
                     for (const auto& entry : before.generations) after.generations.erase(entry.first);
                 }});
  all.push_back({"an insert keeps bytes that nobody claims",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::insert_available>(what) && said.what == result::ok)
                     for (const auto& entry : before.generations) after.generations.put(entry.first, entry.second);
                 }});
  all.push_back(
      {"an insert forgets the file behind", [](const state& before, const command& what, response& said, state& after) {
         if (is<t::insert_available>(what) && said.what == result::ok)
           each_row(before, [&](key_number key, const t::row&) {
             auto* row = after.rows.find(key);
             row->backed = row->where != tier::ram;
           });
       }});
  all.push_back({"a checkin of an unknown claim ends another's",
                 [](const state&, const command& what, response& said, state& after) {
                   if (is<t::checkin>(what) && said.what == result::no_op && !after.claims.empty())
                     after.claims.clear();
                 }});
  all.push_back({"a late checkin unpins the newer generation",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::checkin>(what);
                   if (one == nullptr || said.what != result::ok || before.rows.empty()) return;
                   const auto name = before.claims.find(one->claim)->bytes;
                   const auto current = before.rows.begin()->second.generation;
                   auto* newer = after.generations.find({name.key, current});
                   if (current != name.generation && newer != nullptr && newer->pins != 0) --newer->pins;
                 }});
  all.push_back(
      {"a checkin twice unpins twice", [](const state& before, const command& what, response& said, state& after) {
         if (is<t::checkin>(what) && said.what == result::ok)
           for (const auto& entry : before.generations) {
             auto* left = after.generations.find(entry.first);
             if (left != nullptr && left->pins != 0) --left->pins;
           }
       }});
  all.push_back({"a checkin leaves the pin", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkin>(what)) after.generations = before.generations;
                 }});
  all.push_back({"a checkout pins nothing", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::checkout>(what)) after.generations = before.generations;
                 }});
  all.push_back(
      {"a checkout of a key that is evicting misses", [](const state&, const command& what, response& said, state&) {
         if (is<t::checkout>(what) && said.what == result::busy) said.what = result::miss;
       }});
  all.push_back(
      {"an eviction takes a pinned row", [](const state& before, const command& what, response& said, state& after) {
         const auto* one = as<t::evict>(what);
         if (one == nullptr || said.what != result::skipped) return;
         each_row(before, [&](key_number key, const t::row& row) {
           if (row.is != status::available) return;
           said.what = result::evicting;
           after.rows.put(key, in(status::evicting));
         });
       }});
  all.push_back({"an eviction spares a pinned row and unlinks its file",
                 [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::evict>(what);
                   if (one != nullptr && said.what == result::skipped) after.files.erase(one->key);
                 }});
  all.push_back({"an eviction overlooks claims on an older generation",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::evict>(what);
                   if (one == nullptr || said.what != result::skipped) return;
                   each_row(before, [&](key_number key, const t::row& row) {
                     if (row.is != status::available || before.generations.find({key, row.generation})->pins != 0)
                       return;
                     said.what = result::evicting;
                     after.rows.put(key, in(status::evicting));
                     after.generations.erase({key, row.generation});
                   });
                 }});
  all.push_back({"an eviction frees the key before the unlink",
                 [](const state&, const command& what, response& said, state& after) {
                   if (is<t::evict>(what) && said.what == result::evicting) after.rows.clear();
                 }});
  all.push_back(
      {"an eviction unlinks under the row", [](const state& before, const command& what, response& said, state& after) {
         if (is<t::evict>(what) && said.what == result::evicting) {
           after = before;
           after.files.clear();
         }
       }});
  all.push_back({"gc takes pinned rows", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::gc>(what))
                     each_row(before, [&](key_number key, const t::row& row) {
                       if (row.is == status::available) after.rows.put(key, in(status::evicting));
                     });
                 }});
  all.push_back({"a failed unlink counts as done", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::unlink>(what);
                   if (one != nullptr && said.what == result::failed) after.rows.find(one->key)->unlinked = true;
                 }});
  all.push_back(
      {"a failed unlink is never tried again", [](const state&, const command&, response& said, state& after) {
         if (said.what == result::failed) after.rows.clear();
       }});
  all.push_back({"an unlink takes the file and frees the key at once",
                 [](const state&, const command&, response& said, state& after) {
                   if (said.what == result::unlinked) {
                     after.rows.clear();
                     after.rows.put(1, in(status::pre_link));
                   }
                 }});
  all.push_back(
      {"an adoption installs what is not there", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::settle>(what);
         if (one == nullptr || said.what != result::gone) return;
         said.what = result::adopted;
         after.rows.put(one->key, available(one->generation));
         after.generations.put({one->key, one->generation}, {tier::disk});
       }});
  all.push_back(
      {"an adoption installs what is invalid", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::settle>(what);
         if (one == nullptr || said.what != result::evicting) return;
         said.what = result::adopted;
         each_file(after, [](t::file& file) { file.durable = true; });
         after.rows.put(one->key, available(one->generation));
         after.generations.put({one->key, one->generation}, {tier::disk});
       }});
  all.push_back(
      {"an adoption leaves an invalid file", [](const state&, const command& what, response& said, state& after) {
         if (is<t::settle>(what) && said.what == result::evicting) after.rows.clear();
       }});
  all.push_back(
      {"an adoption forgets to look again", [](const state&, const command& what, response& said, state& after) {
         if (is<t::settle>(what) && said.what == result::again) after.rows.clear();
       }});
  all.push_back(
      {"an eviction forgets to look again", [](const state&, const command& what, response& said, state& after) {
         if (is<t::end_eviction>(what) && said.what == result::again) after.rows.clear();
       }});
  all.push_back({"an adoption does not sync the name", [](const state&, const command&, response& said, state& after) {
                   if (said.what == result::adopted) each_file(after, [](t::file& file) { file.durable = false; });
                 }});
  all.push_back({"an adoption gives up a valid file", [](const state&, const command&, response& said, state& after) {
                   if (said.what == result::adopted) {
                     after.rows.clear();
                     after.generations.erase_if([](const auto&, const t::bytes& one) { return one.pins == 0; });
                   }
                 }});
  all.push_back(
      {"waiters hear of the row at the mark", [](const state&, const command& what, response& said, state& after) {
         if (is<t::mark_published>(what) && said.what == result::ok) tell(after, 1, reason::none);
       }});
  all.push_back(
      {"waiters are not told that nothing came", [](const state& before, const command&, response& said, state& after) {
         if (said.what == result::gone) {
           after.queue = before.queue;
           after.unheard = before.unheard;
         }
       }});
  all.push_back({"waiters are told nothing at the announce",
                 [](const state& before, const command& what, response&, state& after) {
                   if (is<t::announce_saved>(what)) after.unheard = before.unheard;
                 }});
  all.push_back({"waiters are told another reason", [](const state& before, const command&, response&, state& after) {
                   for (const auto& entry : after.unheard) {
                     if (!before.unheard.contains(entry.first) && entry.second.why == reason::cancelled)
                       after.unheard.find(entry.first)->why = reason::invalid;
                   }
                 }});
  all.push_back({"a time-out changes a decided answer",
                 [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::time_out>(what);
                   if (one != nullptr && said.what == result::too_late && before.unheard.contains(one->call)) {
                     auto* verdict = after.unheard.find(one->call);
                     verdict->generation = 0;
                     verdict->why = reason::deadline;
                   }
                 }});
  all.push_back({"a time-out withdraws and says so to nobody",
                 [](const state& before, const command&, response& said, state& after) {
                   if (said.what == result::withdrawn) after.unheard = before.unheard;
                 }});
  all.push_back({"a time-out leaves the waiter in the queue",
                 [](const state& before, const command&, response& said, state& after) {
                   if (said.what == result::withdrawn) after.queue = before.queue;
                 }});
  all.push_back({"newcomers wait at the head", [](const state&, const command&, response& said, state& after) {
                   if (said.what == result::queued)
                     std::rotate(after.queue.begin(), after.queue.end() - 1, after.queue.end());
                 }});
  all.push_back({"the queue turns round", [](const state&, const command& what, response&, state& after) {
                   if (is<t::lookup_exact>(what)) std::reverse(after.queue.begin(), after.queue.end());
                 }});
  all.push_back({"an answer is given again", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::answer>(what)) after.unheard = before.unheard;
                 }});
  all.push_back(
      {"a lookup reads what is being adopted", [](const state& before, const command& what, response& said, state&) {
         if (is<t::lookup_exact>(what))
           each_row(before, [&](key_number, const t::row& row) {
             if (row.is == status::adopting) said = {result::row, 1};
           });
       }});
  all.push_back({"one attempt waits", [](const state&, const command& what, response& said, state& after) {
                   const auto* one = as<t::lookup_or_wait>(what);
                   if (one == nullptr || said.why != reason::deadline) return;
                   said = {result::queued};
                   after.queue.push_back({one->call, one->key, one->task, one->waits});
                 }});
  all.push_back(
      {"a waiter waits for an absent key", [](const state&, const command& what, response& said, state& after) {
         const auto* one = as<t::lookup_or_wait>(what);
         if (one == nullptr || said.what != result::miss || one->waits == patience::one_attempt) return;
         said.what = result::queued;
         after.queue.push_back({one->call, one->key, one->task, one->waits});
       }});
  all.push_back({"a corrupt row stays", [](const state& before, const command& what, response& said, state& after) {
                   const auto* one = as<t::report_corrupt>(what);
                   if (one == nullptr || said.what != result::ok) return;
                   after.rows = before.rows;
                   for (const auto& entry : before.generations) {
                     after.generations.put(
                         entry.first,
                         {entry.second.where, true,
                          after.generations.contains(entry.first) ? after.generations.find(entry.first)->pins : 0});
                   }
                 }});
  all.push_back({"a crash keeps the rows", [](const state& before, const command& what, response&, state& after) {
                   if (is<t::crash>(what)) after.rows = before.rows;
                 }});
  all.push_back({"a crash takes durable files", [](const state&, const command& what, response&, state& after) {
                   if (is<t::crash>(what)) after.files.clear();
                 }});
  all.push_back(
      {"a restart indexes what is invalid", [](const state& before, const command& what, response&, state& after) {
         if (is<t::restart>(what))
           each_file_before(before, [&](key_number key, const t::file& file) {
             if (file.valid) return;
             after.files.put(key, file);
             after.rows.put(key, available(1));
             after.generations.put({key, 1}, {tier::disk});
           });
       }});
  all.push_back({"a restart forgets the files", [](const state&, const command& what, response&, state& after) {
                   if (is<t::restart>(what)) {
                     after.rows.clear();
                     after.generations.clear();
                   }
                 }});
  all.push_back({"a straggler's mark hands nothing over",
                 [](const state& before, const command& what, response& said, state& after) {
                   if (is<t::mark_published>(what) && said.what == result::expired) after.rows = before.rows;
                 }});
  all.push_back({"a check drops the row", [](const state&, const command& what, response&, state& after) {
                   if (is<t::check_reservation>(what))
                     after.rows.erase_if([](key_number, const t::row& row) { return row.is == status::available; });
                 }});
  all.push_back(
      {"an adopting key is dropped by a sweep", [](const state& before, const command& what, response&, state& after) {
         if (is<t::sweep>(what))
           after.rows.erase_if([&](key_number key, const t::row&) {
             const auto* was = before.rows.find(key);
             return was != nullptr && was->is == status::adopting;
           });
       }});
  return all;
}

}  // namespace wavetank::model
