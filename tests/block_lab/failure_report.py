"""What is told of an image that is wrong: with as few writes lost as it takes, and where it is kept."""
import crash_images
import crash_trial

MOST_WRITES_TO_PUT_BACK = 40
MOST_LINES = 8


def report(lab, made, image, wrong):
    """The medium is at the end of the epoch before the image's, and stays there."""
    image, wrong = with_fewer_lost(lab, made, image, wrong)
    medium = lab.device.medium
    before = medium.state()
    crash_images.put(medium, made.epochs[image.epoch], image.kept, image.torn)
    # What was broken on purpose need not be looked into.
    where = [] if lab.options.broken else [keep_image(lab)]
    medium.go_back(before)
    return [crash_images.describe(made.epochs, image), *shortened(wrong), *where]


def with_fewer_lost(lab, made, image, wrong):
    """One write after the other is put back; it stays if the image is still wrong."""
    medium = lab.device.medium
    before = medium.state()
    epoch = made.epochs[image.epoch]
    lost = [number for number in range(len(epoch.writes)) if number not in image.kept or image.torn]
    for number in lost if len(lost) <= MOST_WRITES_TO_PUT_BACK else []:
        kept = tuple(sorted({*image.kept, number}))
        more = crash_images.Image(image.epoch, kept, (), [crash_images.moments_of(epoch, kept)])
        crash_images.put(medium, epoch, more.kept, more.torn)
        ledgers = crash_trial.strictest(lab.subject, made.ledgers_at(more.moments))
        still_wrong = crash_trial.examine_medium(lab, ledgers).wrong
        medium.go_back(before)
        if still_wrong:
            image, wrong = more, still_wrong
    return image, wrong


def keep_image(lab):
    folder = lab.options.build / "block_lab"
    folder.mkdir(exist_ok=True)
    path = folder / f"{lab.kind.name}.{lab.options.seed}.{lab.counts.mounted}.img"
    lab.device.medium.copy_to(path)
    return f"the image is kept: mount -t {lab.kind.name} -o loop {path} FOLDER"


def shortened(lines):
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"and {len(lines) - MOST_LINES} more"]
