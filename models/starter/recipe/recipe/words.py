"""The words that captions are made of, and what they mean in pixels."""

COLOURS = {
    'red': (214, 48, 49), 'orange': (243, 146, 55), 'yellow': (250, 215, 80), 'green': (70, 170, 90), 'blue': (60, 120, 220),
    'purple': (140, 80, 200), 'pink': (247, 150, 190), 'white': (245, 245, 245), 'black': (24, 24, 28), 'gray': (140, 145, 150)}

SCENES = [
    'in the sky', 'on the grass', 'at the beach', 'at night', 'in space', 'under the sea', 'in the snow', 'at sunset',
    'in the desert', 'in a room', 'in the forest', 'in the city', 'in the rain', 'in the mountains', 'on a stage']

# centre of the thing, as parts of width and height
POSITIONS = {'on the left': (.26, .52), 'on the right': (.74, .52), 'at the top': (.5, .26), 'at the bottom': (.5, .74)}

SIZES = ['small', 'big']

# hues (degrees) that a thing can be repainted in
HUES = {'red': 356, 'orange': 28, 'yellow': 50, 'green': 130, 'blue': 215, 'purple': 272, 'pink': 330}

# Things whose colour is arbitrary in the world, with the hue of the part that is repainted in the 3d style;
# in the other styles that hue is read from the drawing (sprites.dominant_hue).
TINTED = {
    'car': 352, 'balloon': 352, 'heart': 350, 'umbrella': 270, 'bird': 345, 'tulip': 340, 'rose': 355, 'flower': 325, 'gift': 355,
    'book': 345, 'tractor': 150, 'tent': 120, 'mushroom': 355, 'fish': 210, 'butterfly': 20, 'dragon': 160, 'guitar': 345,
    'helicopter': 20, 'diamond': 205, 'star': 45, 'backpack': 345, 'dress': 215, 'shirt': 115, 'teapot': 345, 'dinosaur': 165,
    'jellyfish': 235, 'telephone': 345}

# other words for a thing, said now and then so that they work in prompts
SYNONYMS = {
    'dog': ['puppy'], 'cat': ['kitten'], 'rabbit': ['bunny'], 'horse': ['pony'], 'hamburger': ['burger'], 'donut': ['doughnut'],
    'airplane': ['plane'], 'bicycle': ['bike'], 'boat': ['sailboat'], 'ball': ['soccer ball', 'football'], 'diamond': ['gem'],
    'gift': ['present'], 'light bulb': ['lamp'], 'car': ['automobile'], 'tree': ['green tree'], 'tower': ['eiffel tower'],
    'fire': ['flame'], 'dinosaur': ['dino'], 'hippo': ['hippopotamus'], 'truck': ['lorry'], 'motorcycle': ['motorbike'],
    'ufo': ['flying saucer'], 'telephone': ['phone'], 'television': ['tv'], 'shoe': ['sneaker'], 'shirt': ['t shirt'],
    'globe': ['earth', 'planet'], 'envelope': ['letter'], 'corn': ['maize'], 'ship': ['ferry'], 'teddy bear': ['teddy'],
    'coffee': ['cup of coffee'], 'chicken': ['hen'], 'mouse': ['rat'], 'crocodile': ['alligator'], 'cake': ['birthday cake'],
    'mountain': ['snowy mountain'], 'pumpkin': ['jack o lantern'], 'leaf': ['maple leaf'], 'train': ['locomotive']}

RELATIONS = ['and', 'next to']
PREFIXES = ['a picture of', 'a 3d icon of']
FILLERS = ['highly detailed', 'beautiful', 'cute', 'high quality', '4k', 'colorful', 'digital art', 'masterpiece']
COUNTS = {2: 'two', 3: 'three', 4: 'four'}
STYLE_WORDS = {'3d': '3d', 'flat': 'flat', 'cartoon': 'cartoon'}
LOOKS = ['pixel art', 'black and white', 'sepia', 'sketch', 'watercolor', 'neon']
IRREGULAR = {
    'mouse': 'mice', 'sheep': 'sheep', 'fish': 'fish', 'cherries': 'cherries', 'grapes': 'grapes', 'pancakes': 'pancakes',
    'leaf': 'leaves', 'bread': 'breads', 'corn': 'corns'}


def article(words):
    """The words with "a" or "an" before them."""
    return ('an ' if words[0] in 'aeiou' and not words.startswith(('uni', 'ufo')) else 'a ') + words


def plural(noun):
    """The plural of a noun of concepts.json."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith(('s', 'x', 'ch', 'sh')):
        return noun + 'es'
    return noun[:-1] + 'ies' if noun.endswith('y') and noun[-2] not in 'aeiou' else noun + 's'
