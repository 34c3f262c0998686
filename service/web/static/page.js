// Three comforts, nothing that a page needs: times in the viewer's own zone, the progress of a running retrieval,
// and copying what belongs into Jira.
"use strict";

for (const stamp of document.querySelectorAll("time[datetime]")) {
  const at = new Date(stamp.dateTime);
  if (Number.isNaN(at.getTime())) continue;
  stamp.title = stamp.textContent.trim();
  stamp.textContent = at.toLocaleString(undefined, {
    year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
}

for (const box of document.querySelectorAll("[data-progress]")) {
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  const wait = box.querySelector("[data-wait]");
  const look = async () => {
    let run;
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) return; // logged out, or the integration is gone: the page stays as it is
      run = (await answer.json()).retrievals[0];
    } catch {
      setTimeout(look, 5000); // the service restarts; it will be back
      return;
    }
    if (!run || run.ended) {
      location.reload();
      return;
    }
    if (run.total > 0) {
      bar.max = run.total;
      bar.value = run.checked;
    }
    const requests = `${run.requests} ${run.requests === 1 ? "request" : "requests"}`;
    words.textContent = `${run.checked} of ${run.total} tickets checked, ${requests}`;
    const resumes = run.resume_at && new Date(run.resume_at);
    wait.textContent = run.state !== "waiting" ? ""
      : resumes > Date.now() ? `Waits for Jira and goes on at ${resumes.toLocaleTimeString()}` : "Waits for its turn";
    setTimeout(look, run.state === "running" ? 1000 : 5000);
  };
  setTimeout(look, 1000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // only pages from this machine or by https may copy
  button.hidden = false;
  button.addEventListener("click", async () => {
    const box = document.getElementById(button.dataset.copy);
    box.select();
    await navigator.clipboard.writeText(box.value).then(() => { button.textContent = "Copied"; }, () => {});
  });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
